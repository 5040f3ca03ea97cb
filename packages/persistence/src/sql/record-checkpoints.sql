-- record-checkpoints.sql: keeps the newest checkpoint of each task, if it is of the attempt that is running (I3).
-- The arrays run in parallel, one element a checkpoint; several of one attempt are allowed.
-- Returns how many tasks have a new checkpoint.
create or replace function record_checkpoints(
  workflow_ids uuid[], positions integer[], attempts integer[], sequences bigint[], checkpoints text[]
) returns integer
language plpgsql volatile
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_bitmapscan = off
set jit = off set plan_cache_mode = force_generic_plan
as $$
declare
  kept integer;
begin
  perform lock_workflows(workflow_ids);
  update task t
  set checkpoint = c.checkpoint, checkpoint_attempt = c.attempt, checkpoint_sequence = c.sequence
  from (
    select distinct on (u.workflow_id, u.position, u.attempt) u.*
    from unnest(workflow_ids, positions, attempts, sequences, checkpoints)
      as u(workflow_id, position, attempt, sequence, checkpoint)
    order by u.workflow_id, u.position, u.attempt, u.sequence desc
  ) c
  where t.workflow_id = any (array[c.workflow_id]) and t.position = c.position and t.attempt = c.attempt and t.state = 'dispatched'
    and (t.checkpoint_attempt is null or (t.checkpoint_attempt, t.checkpoint_sequence) < (c.attempt, c.sequence));
  get diagnostics kept = row_count;
  return kept;
end
$$
