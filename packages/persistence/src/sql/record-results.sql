-- record-results.sql: records a batch of results and advances their workflows: the engine's hot path, one round trip. A
-- batch is a set: each result is judged by the state before it, then all that apply are applied, then the consequences
-- are drawn. The model is recordResults in packages/domain. Keeps I2, I3, I4, I8.
-- The arrays up to messages run in parallel, one element a result (empty instead where all elements are null); no attempt
-- twice. streams, messages: of dead letters, where the entry was and why. types, room: agent types and how many tasks each may take.
-- Returns one row: verdicts (per result; null if all were applied, see judge-results.sql), dispatched (see
-- describe-dispatched.sql; of duplicates also the successors that are dispatched, for the engine may have died before it
-- published them), ended (tasks that left for another state than succeeded, the cancelled included), finished (workflows).
-- On plans, here and in the other functions: they are made once a session, often when the tables are still empty, and must
-- stay right when they hold millions of rows. So whole scans are off, and a row is looked up by
-- `t.workflow_id = any (array[r.workflow_id])`: by plain equality the planner may walk all of task in the order of its key
-- and compare each row with the batch (a scan that could serve a merge join), which took 300 ms for 100 results.
create or replace function record_results(
  workflow_ids uuid[], positions integer[], attempts integer[], statuses text[],
  outputs text[], artifact_sha256s text[], artifact_sizes bigint[],
  errors text[], retryables boolean[], retry_afters_ms double precision[],
  agent_ids text[], incarnations text[], entry_ids text[],
  started_ats_ms double precision[], finished_ats_ms double precision[], runs_ms double precision[],
  streams text[], messages text[], types text[], room integer[],
  out verdicts text[], out dispatched json, out ended json, out finished json
)
language plpgsql volatile
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_bitmapscan = off
set jit = off set plan_cache_mode = force_generic_plan
as $$
declare
  at timestamptz := lock_workflows(workflow_ids);
  ends record;
  concluded record;
  direct text[];
  waiting_room integer[];
  keys task_key[];
begin
  ends := end_attempts(workflow_ids, positions, attempts, statuses, outputs, artifact_sha256s, artifact_sizes,
    errors, retryables, retry_afters_ms, agent_ids, incarnations, entry_ids, started_ats_ms, finished_ats_ms, runs_ms, at);
  if cardinality(ends.applied) < cardinality(workflow_ids) then
    verdicts := judge_results(workflow_ids, positions, attempts, agent_ids, incarnations, entry_ids, ends.applied, at);
  end if;
  concluded := conclude_workflows(ends.workflows, ends.places, ends.states, at);

  if 'dead-letter' = any (statuses) then
    insert into dead_letter (workflow_id, position, attempt, reason, message, stream, entry_id, incarnation, agent_id,
                             fields, created_at)
    select e.workflow_id, e.position, e.attempt, 'REJECTED', messages[e.ordinal], coalesce(streams[e.ordinal], ''),
           coalesce(entry_ids[e.ordinal], ''), incarnations[e.ordinal], agent_ids[e.ordinal], '{}', at
    from unnest(ends.unsuccessful::ended_task[]) e
    where e.state = 'dead'
    on conflict do nothing;
  end if;

  -- What becomes ready goes out at once if its type has room for all of it and nothing waits; else it queues, and the
  -- fill takes the most urgent of all.
  select array_agg(f.agent_type) filter (where f.is_direct),
         array_agg(case when f.is_direct then 0 else f.room end order by f.ordinality)
  into direct, waiting_room
  from (
    select u.*, u.room >= coalesce(cardinality(ends.closed), 0)
             and not exists (select from ready_queue q where q.agent_type = u.agent_type) as is_direct
    from unnest(types, room) with ordinality as u(agent_type, room)
  ) f;
  keys := open_successors(ends.successor_workflows, ends.successor_places, ends.closed, coalesce(direct, '{}'), at);
  if 0 < any (waiting_room) then
    keys := keys || fill_windows(types, waiting_room);
  end if;

  if verdicts is not null then
    keys := array(
      select distinct row(s.workflow_id, s.position)::task_key
      from unnest(workflow_ids, positions, verdicts) as r(workflow_id, position, verdict)
      join task t on t.workflow_id = any (array[r.workflow_id]) and t.position = r.position
      join task s on s.workflow_id = any (array[t.workflow_id]) and s.position = any (t.successors) and s.state = 'dispatched'
      where r.verdict = 'duplicate' and row(s.workflow_id, s.position)::task_key <> all (keys)
    ) || keys;
  end if;

  dispatched := describe_dispatched(keys);
  ended := to_json(ends.unsuccessful || concluded.cancelled);
  finished := to_json(concluded.finished);
end
$$
