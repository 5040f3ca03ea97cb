-- redispatch-lost.sql: grants the next attempt, uncharged, to tasks that were dispatched before the current epoch began:
-- their messages are gone with the Redis of then. The old attempt is fenced off by it (I3).
-- after_workflow, after_position: where to go on, in the order of keys; null to start. most: how many at once.
-- Returns one row: dispatched (see describe-dispatched.sql), last_workflow, last_position: where to go on; null at the end.
create or replace function redispatch_lost(
  after_workflow uuid, after_position integer, most integer,
  out dispatched json, out last_workflow uuid, out last_position integer
)
language plpgsql volatile
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_bitmapscan = off
set jit = off set plan_cache_mode = force_generic_plan
as $$
declare
  began timestamptz := (select s.epoch_began from hive_state s);
  from_workflow uuid := coalesce(after_workflow, '00000000-0000-0000-0000-000000000000');
  from_position integer := coalesce(after_position, -1);
  at timestamptz;
  lost task_key[];
  lost_at timestamptz[];
  keys task_key[];
begin
  select array_agg(row(l.workflow_id, l.position)::task_key), array_agg(l.dispatched_at)
  into lost, lost_at
  from (
    select t.workflow_id, t.position, t.dispatched_at
    from workflow w
    join task t on t.workflow_id = any (array[w.id])
    where w.state = 'running' and w.id >= from_workflow and (t.workflow_id, t.position) > (from_workflow, from_position)
      and t.state = 'dispatched' and t.dispatched_at < began
    order by w.id, t.position
    limit most
  ) l;
  at := lock_workflows(array(select distinct k.workflow_id from unnest(lost) k));
  -- Whatever was dispatched again while this waited for the lock was so after the epoch began, and is left alone.
  with again as (
    update task t
    set attempt = t.attempt + 1, dispatched_at = at
    from unnest(lost, lost_at) as k(workflow_id, position, lost_at)
    where t.workflow_id = any (array[k.workflow_id]) and t.position = k.position
      and t.state = 'dispatched' and t.dispatched_at < began
    returning t.workflow_id, t.position, t.attempt - 1 as lost_attempt, k.lost_at
  ), history as (
    insert into attempt_history (workflow_id, position, attempt, outcome, dispatched_at, recorded_at)
    select a.workflow_id, a.position, a.lost_attempt, 'lost', a.lost_at, at from again a
  )
  select array_agg(row(a.workflow_id, a.position)::task_key order by a.workflow_id, a.position) into keys from again a;
  dispatched := describe_dispatched(keys);
  if cardinality(lost) = most then
    last_workflow := lost[most].workflow_id;
    last_position := lost[most].position;
  end if;
end
$$
