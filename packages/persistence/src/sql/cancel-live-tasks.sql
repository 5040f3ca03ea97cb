-- cancel-live-tasks.sql: cancels everything in workflows that has not ended. The caller holds the workflows' locks and
-- moves their counters.
-- workflow_ids: the workflows. at: the time of the transaction.
-- Queue rows go first, in the order delayed, ready: whoever is just releasing or dispatching one of these tasks is waited
-- for, and the tasks are then seen as that left them.
-- Returns the cancelled tasks, was_dispatched telling which may be running.
create or replace function cancel_live_tasks(workflow_ids uuid[], at timestamptz) returns ended_task[]
language plpgsql volatile
set enable_seqscan = off
as $$
declare
  cancelled ended_task[];
begin
  delete from delayed_queue q where q.workflow_id = any (workflow_ids);
  delete from ready_queue q where q.workflow_id = any (workflow_ids);
  with live as materialized (
    select t.workflow_id, t.position, t.state
    from task t
    where t.workflow_id = any (workflow_ids) and t.state in ('waiting', 'ready', 'delayed', 'dispatched')
  ), ended as (
    update task t
    set state = 'cancelled', finished_at = at, due_at = null
    from live l
    where t.workflow_id = any (array[l.workflow_id]) and t.position = l.position
    returning t.workflow_id, t.position, t.task_id, t.agent_type, t.attempt, t.dispatched_at,
              l.state = 'dispatched' as was_dispatched
  ), history as (
    insert into attempt_history (workflow_id, position, attempt, outcome, dispatched_at, finished_at, recorded_at)
    select e.workflow_id, e.position, e.attempt, 'cancelled', e.dispatched_at, at, at
    from ended e
    where e.was_dispatched
  )
  select array_agg(row(e.workflow_id, e.position, e.task_id, e.agent_type, e.attempt, 'cancelled', null,
                       e.was_dispatched, null, null)::ended_task order by e.workflow_id, e.position)
  into cancelled
  from ended e;
  return coalesce(cancelled, '{}');
end
$$
