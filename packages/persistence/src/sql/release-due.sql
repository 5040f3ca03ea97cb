-- release-due.sql: makes delayed tasks ready whose time has come, and queues them.
-- most: how many at once.
-- Needs no workflow lock: a queue row is taken by one transaction only, and whoever cancels deletes it first.
-- Returns how many.
create or replace function release_due(most integer) returns integer
language plpgsql volatile
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  released integer;
begin
  with due as materialized (
    select q.workflow_id, q.position
    from delayed_queue q
    where q.due_at <= clock_timestamp()
    order by q.due_at
    limit most
    for update skip locked
  ), taken as (
    delete from delayed_queue q using due d where q.workflow_id = any (array[d.workflow_id]) and q.position = d.position
  ), ready as (
    update task t
    set state = 'ready', due_at = null
    from due d
    where t.workflow_id = any (array[d.workflow_id]) and t.position = d.position and t.state = 'delayed'
    returning t.workflow_id, t.position, t.agent_type, t.priority, t.remaining_path
  )
  insert into ready_queue (workflow_id, position, agent_type, priority, remaining_path)
  select r.workflow_id, r.position, r.agent_type, r.priority, r.remaining_path from ready r;
  get diagnostics released = row_count;
  return released;
end
$$
