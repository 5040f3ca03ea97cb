-- end-attempts.sql: records how attempts ended, for those that are still current (I3), and appends their history. A
-- failure that may be tried again delays the task: exponential backoff, its upper half drawn at random, never sooner than
-- the failure asked for. The caller holds the workflows' locks and moves their counters.
-- The arrays run in parallel, one element a result; no attempt twice. at: the time of the transaction.
-- Returns applied (places of the results that ended an attempt, from 1), parallel to it workflows, places and states (of
-- the tasks, as they are now); unsuccessful (those that did not succeed, ordinal being the place in the arrays); and what
-- is to be opened: successor_workflows, successor_places, and closed, how many of their dependencies succeeded just now.
-- Plain arrays, because rows packed into arrays of a composite type cost more to pass on than to find again.
create or replace function end_attempts(
  workflow_ids uuid[], positions integer[], attempts integer[], statuses text[],
  outputs text[], artifact_sha256s text[], artifact_sizes bigint[],
  errors text[], retryables boolean[], retry_afters_ms double precision[],
  agent_ids text[], incarnations text[], entry_ids text[],
  started_ats_ms double precision[], finished_ats_ms double precision[], runs_ms double precision[],
  at timestamptz,
  out applied integer[], out workflows uuid[], out places integer[], out states task_state[],
  out unsuccessful ended_task[],
  out successor_workflows uuid[], out successor_places integer[], out closed integer[]
)
language plpgsql volatile
set enable_seqscan = off
as $$
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
  select e.applied, e.workflows, e.places, e.states, e.unsuccessful, o.workflows, o.places, o.closed
  into end_attempts.applied, end_attempts.workflows, end_attempts.places, end_attempts.states, end_attempts.unsuccessful,
       successor_workflows, successor_places, end_attempts.closed
  from (
    select array_agg(s.ordinal::integer) as applied, array_agg(s.workflow_id) as workflows,
           array_agg(s.position) as places, array_agg(s.state) as states,
           array_agg(row(s.workflow_id, s.position, s.task_id, s.agent_type, s.attempt, s.state, s.due_at, true, null,
                         s.ordinal)::ended_task) filter (where s.state <> 'succeeded') as unsuccessful
    from settled s
  ) e, (
    select array_agg(c.workflow_id) as workflows, array_agg(c.place) as places, array_agg(c.closed) as closed
    from (
      select s.workflow_id, u.place, count(*)::integer as closed
      from settled s, unnest(s.successors) as u(place)
      where s.state = 'succeeded'
      group by s.workflow_id, u.place
    ) c
  ) o;
  applied := coalesce(applied, '{}');
  unsuccessful := coalesce(unsuccessful, '{}');
end
$$
