-- open-successors.sql: closes the dependencies that succeeded tasks were, and makes ready what waits for nothing more.
-- What becomes ready is dispatched in the same update as far as there is room, and queued beyond that. The caller holds the workflows' locks and leaves out tasks of workflows that ended.
-- succeeded: the tasks, with their successors. types, room: agent types and how many newcomers each may take
-- past the queue.
-- at: the time of the transaction.
-- Returns the dispatched tasks in the order of urgency.
create or replace function open_successors(succeeded ended_task[], types text[], room integer[], at timestamptz)
returns task_key[]
language plpgsql volatile
set enable_seqscan = off
as $$
declare
  dispatched task_key[];
begin
  with closed as materialized (
    select e.workflow_id, s.position, count(*)::integer as dependencies
    from unnest(succeeded) e, unnest(e.successors) as s(position)
    group by e.workflow_id, s.position
  ), ranked as materialized (
    select c.workflow_id, c.position, c.dependencies, t.open_dependencies = c.dependencies as opens,
           row_number() over (partition by t.agent_type, t.open_dependencies = c.dependencies
                              order by t.priority desc, t.remaining_path desc, c.workflow_id, c.position)
             <= coalesce(f.room, 0) as fits
    from closed c
    join task t on t.workflow_id = any (array[c.workflow_id]) and t.position = c.position and t.state = 'waiting'
    left join unnest(types, room) as f(agent_type, room) on f.agent_type = t.agent_type
  ), opened as (
    update task t
    set open_dependencies = t.open_dependencies - r.dependencies,
        state = case when not r.opens then t.state when r.fits then 'dispatched' else 'ready' end,
        attempt = t.attempt + (r.opens and r.fits)::integer,
        dispatched_at = case when r.opens and r.fits then at end
    from ranked r
    where t.workflow_id = any (array[r.workflow_id]) and t.position = r.position
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
