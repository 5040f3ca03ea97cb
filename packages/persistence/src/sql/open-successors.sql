-- open-successors.sql: closes dependencies that succeeded, and makes ready what waits for nothing more. What becomes ready
-- is dispatched in the same update if its type is direct, and queued otherwise. The caller holds the workflows' locks and
-- has cancelled what is not to run any more.
-- workflows, places: tasks of which dependencies succeeded; closed: how many. direct: the agent types that have room for
-- all of these tasks. at: the time of the transaction.
-- Returns the dispatched tasks in the order of urgency.
create or replace function open_successors(
  workflows uuid[], places integer[], closed integer[], direct text[], at timestamptz
) returns task_key[]
language plpgsql volatile
set enable_seqscan = off
as $$
declare
  dispatched task_key[];
begin
  with opened as (
    update task t
    set open_dependencies = t.open_dependencies - c.closed,
        state = case when t.open_dependencies > c.closed then t.state
                     when t.agent_type = any (direct) then 'dispatched' else 'ready' end,
        attempt = t.attempt + (t.open_dependencies = c.closed and t.agent_type = any (direct))::integer,
        dispatched_at = case when t.open_dependencies = c.closed and t.agent_type = any (direct) then at end
    from unnest(workflows, places, open_successors.closed) as c(workflow_id, position, closed)
    where t.workflow_id = any (array[c.workflow_id]) and t.position = c.position and t.state = 'waiting'
    returning t.workflow_id, t.position, t.state, t.agent_type, t.priority, t.remaining_path
  ), queued as (
    insert into ready_queue (workflow_id, position, agent_type, priority, remaining_path)
    select o.workflow_id, o.position, o.agent_type, o.priority, o.remaining_path
    from opened o
    where o.state = 'ready'
  )
  select array_agg(row(o.workflow_id, o.position)::task_key
                   order by o.priority desc, o.remaining_path desc, o.workflow_id, o.position)
  into dispatched
  from opened o
  where o.state = 'dispatched';
  return coalesce(dispatched, '{}');
end
$$
