-- conclude-workflows.sql: moves the counters of workflows by tasks that ended, and ends the workflows this decides: one
-- task failed or dead fails its workflow at once and cancels what still lives in it; the last success completes it.
-- The caller holds the workflows' locks. Keeps I8.
-- workflow_ids, positions, states: tasks just moved to these states (delayed ones are no end and count nothing). at: the
-- time of the transaction.
-- Returns the workflows that ended, and the tasks cancelled with them.
create or replace function conclude_workflows(
  workflow_ids uuid[], positions integer[], states task_state[], at timestamptz,
  out finished finished_workflow[], out cancelled ended_task[]
)
language plpgsql volatile
set enable_seqscan = off
as $$
begin
  with change as materialized (
    select e.workflow_id,
           count(*) filter (where e.state = 'succeeded') as succeeded,
           count(*) filter (where e.state = 'failed') as failed,
           count(*) filter (where e.state = 'dead') as dead,
           min(e.position) filter (where e.state in ('failed', 'dead')) as failed_position
    from unnest(workflow_ids, positions, states) as e(workflow_id, position, state)
    where e.state <> 'delayed'
    group by e.workflow_id
  ), counted as (
    update workflow w
    set succeeded = w.succeeded + c.succeeded,
        failed = w.failed + c.failed,
        dead = w.dead + c.dead,
        cancelled = case when c.failed + c.dead > 0
          then w.total - w.succeeded - c.succeeded - w.failed - c.failed - w.dead - c.dead else w.cancelled end,
        failed_position = coalesce(w.failed_position, c.failed_position),
        state = case when c.failed + c.dead > 0 then 'failed'
                     when w.succeeded + c.succeeded = w.total then 'succeeded'
                     else w.state end,
        finished_at = case when c.failed + c.dead > 0 or w.succeeded + c.succeeded = w.total then at end
    from change c
    where w.id = any (array[c.workflow_id])
    returning w.id, w.state
  )
  select coalesce(array_agg(row(c.id, c.state)::finished_workflow order by c.id), '{}')
  into finished
  from counted c
  where c.state <> 'running';

  cancelled := '{}';
  if exists (select from unnest(finished) f where f.state = 'failed') then
    cancelled := cancel_live_tasks(array(select f.id from unnest(finished) f where f.state = 'failed'), at);
  end if;
end
$$
