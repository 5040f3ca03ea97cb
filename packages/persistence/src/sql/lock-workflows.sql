-- lock-workflows.sql: locks workflow rows in the order of their ids, so that no two transactions wait for each other.
-- Volatile and a statement of its own: whatever the caller reads next, it reads as it is after the wait. In one statement
-- with the lock it would be read as it was before, and a join whose two parents end at once would never become ready.
-- workflow_ids: any order, repeats and unknown ids allowed.
-- Returns PostgreSQL's time after the wait: the one time of the transaction.
create or replace function lock_workflows(workflow_ids uuid[]) returns timestamptz
language plpgsql volatile
set enable_seqscan = off set enable_hashjoin = off set jit = off set plan_cache_mode = force_generic_plan
as $$
begin
  perform from workflow w where w.id = any (workflow_ids) order by w.id for no key update;
  return clock_timestamp();
end
$$
