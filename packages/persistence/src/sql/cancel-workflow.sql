-- cancel-workflow.sql: cancels a workflow and everything in it that has not ended.
-- target: its id.
-- Returns one row: outcome (cancelled; already-finished; not-found), state (the workflow's, null if there is none),
-- ended (the tasks cancelled).
create or replace function cancel_workflow(target uuid, out outcome text, out state workflow_state, out ended json)
language plpgsql volatile
set enable_seqscan = off set jit = off
as $$
declare
  at timestamptz := lock_workflows(array[target]);
begin
  select w.state into cancel_workflow.state from workflow w where w.id = target;
  outcome := case when state is null then 'not-found' when state = 'running' then 'cancelled' else 'already-finished' end;
  if outcome <> 'cancelled' then
    return;
  end if;
  ended := to_json(cancel_live_tasks(array[target], at));
  update workflow w
  set state = 'cancelled', finished_at = at, cancelled = w.total - w.succeeded - w.failed - w.dead
  where w.id = target;
  state := 'cancelled';
end
$$
