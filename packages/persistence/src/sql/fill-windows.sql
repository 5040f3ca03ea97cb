-- fill-windows.sql: dispatches ready tasks that wait in PostgreSQL, in their order, as far as there is room.
-- types, room: agent types and how many tasks each may take. Types not named take none.
-- Safe without workflow locks: a queue row is taken by one transaction only (others skip it), and whoever cancels a
-- workflow deletes its queue rows before it touches its tasks.
-- Returns the dispatched tasks in order; empty if there was nothing, or no room.
create or replace function fill_windows(types text[], room integer[]) returns task_key[]
language plpgsql volatile
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_bitmapscan = off
set jit = off set plan_cache_mode = force_generic_plan
as $$
declare
  filled task_key[];
begin
  with chosen as materialized (
    select q.*
    from unnest(types, room) as f(agent_type, room)
    cross join lateral (
      select r.ctid, r.workflow_id, r.position, r.priority, r.remaining_path
      from ready_queue r
      where r.agent_type = f.agent_type
      order by r.priority desc, r.remaining_path desc, r.workflow_id, r.position
      limit greatest(f.room, 0)
      for update skip locked
    ) q
  ), taken as (
    delete from ready_queue r using chosen c where r.ctid = c.ctid -- locked, so it is where it was
  ), dispatched as (
    update task t
    set state = 'dispatched', attempt = t.attempt + 1, dispatched_at = clock_timestamp()
    from chosen c
    where t.workflow_id = any (array[c.workflow_id]) and t.position = c.position and t.state = 'ready'
    returning t.workflow_id, t.position, t.priority, t.remaining_path
  )
  select array_agg(row(d.workflow_id, d.position)::task_key
                   order by d.priority desc, d.remaining_path desc, d.workflow_id, d.position)
  into filled
  from dispatched d;
  return coalesce(filled, '{}');
end
$$
