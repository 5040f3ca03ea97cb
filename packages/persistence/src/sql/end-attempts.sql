-- end-attempts.sql: records how attempts ended, for those that are still current (I3), and appends their history. A
-- failure that may be tried again delays the task: exponential backoff, its upper half drawn at random, never sooner than
-- the failure asked for. The caller holds the workflows' locks and moves their counters.
-- The arrays run in parallel, one element a result; no attempt twice. at: the time of the transaction.
-- Returns the attempts that were ended, ordinal being the result's place in the arrays, from 1.
create or replace function end_attempts(
  workflow_ids uuid[], positions integer[], attempts integer[], statuses text[],
  outputs text[], artifact_sha256s text[], artifact_sizes bigint[],
  errors text[], retryables boolean[], retry_afters_ms double precision[],
  agent_ids text[], incarnations text[], entry_ids text[],
  started_ats_ms double precision[], finished_ats_ms double precision[], runs_ms double precision[],
  at timestamptz
) returns ended_task[]
language plpgsql volatile
set enable_seqscan = off
as $$
declare
  ended ended_task[];
begin
  with result as materialized (
    select *
    from unnest(workflow_ids, positions, attempts, statuses, outputs, artifact_sha256s, artifact_sizes, errors,
                retryables, retry_afters_ms, agent_ids, incarnations, entry_ids, started_ats_ms, finished_ats_ms,
                runs_ms) with ordinality
      as r(workflow_id, position, attempt, status, output, artifact_sha256, artifact_bytes, error,
           retryable, retry_after_ms, agent_id, incarnation, entry_id, started_at_ms, finished_at_ms,
           run_ms, ordinal)
  ), settled as (
    update task t
    set state = case
          when r.status = 'succeeded' then 'succeeded'::task_state
          when r.status = 'dead-letter' then 'dead'
          when r.retryable and t.charged + 1 < t.max_attempts then 'delayed'
          else 'failed'
        end,
        charged = t.charged + (r.status in ('failed', 'timed-out'))::integer,
        due_at = case when r.status in ('failed', 'timed-out') and r.retryable and t.charged + 1 < t.max_attempts then
          at + interval '1 millisecond' * greatest(
            round(0.5 * (1 + random()) * least(t.max_delay_ms, t.initial_delay_ms * power(t.factor, t.charged))),
            coalesce(r.retry_after_ms, 0))
        end,
        finished_at = case
          when r.status in ('failed', 'timed-out') and r.retryable and t.charged + 1 < t.max_attempts then null
          else at
        end,
        output = r.output,
        artifact_sha256 = r.artifact_sha256,
        artifact_bytes = r.artifact_bytes,
        error = r.error
    from result r
    where t.workflow_id = any (array[r.workflow_id]) and t.position = r.position
      and t.attempt = r.attempt and t.state = 'dispatched'
    returning t.workflow_id, t.position, t.task_id, t.agent_type, t.attempt, t.state, t.due_at, t.successors,
              t.dispatched_at, r.status, r.error, r.agent_id, r.incarnation, r.entry_id, r.started_at_ms,
              r.finished_at_ms, r.run_ms, r.ordinal
  ), history as (
    insert into attempt_history (workflow_id, position, attempt, outcome, dispatched_at, started_at, finished_at, run_ms,
                                 recorded_at, agent_id, incarnation, entry_id, error)
    select s.workflow_id, s.position, s.attempt, s.status::attempt_outcome, s.dispatched_at,
           to_timestamp(s.started_at_ms / 1000), to_timestamp(s.finished_at_ms / 1000), s.run_ms, at, s.agent_id,
           s.incarnation, s.entry_id, s.error
    from settled s
  ), delayed as (
    insert into delayed_queue (workflow_id, position, due_at)
    select s.workflow_id, s.position, s.due_at from settled s where s.state = 'delayed'
  )
  select array_agg(row(s.workflow_id, s.position, s.task_id, s.agent_type, s.attempt, s.state, s.due_at, true,
                       s.successors, s.ordinal)::ended_task)
  into ended
  from settled s;
  return coalesce(ended, '{}');
end
$$
