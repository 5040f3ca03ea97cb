-- workflow-records.sql: what the spans of workflows that ended are made of.
-- $1: workflow ids. Left out are those whose trace is not sampled (the flags at the end of traceparent are even), unless
--   they failed or an attempt of theirs did not succeed: these are worth a trace in any case.
-- Returns one row a workflow: id, name, state, traceparent, "startedMs", "endedMs" (since 1970); tasks, an array of
--   [position, task id, agent type, handler, state, successors, error, end in ms], and attempts, an array of [position,
--   attempt, outcome, dispatched, started, finished, recorded (each in ms), agent id, incarnation, entry id, error].
select w.id, w.name, w.state, w.traceparent,
       1000 * extract(epoch from w.created_at)::float8 as "startedMs",
       1000 * extract(epoch from w.finished_at)::float8 as "endedMs",
       (select json_agg(json_build_array(
                 t.position, t.task_id, t.agent_type, t.handler, t.state, t.successors, t.error,
                 1000 * extract(epoch from t.finished_at)::float8))
          from task t where t.workflow_id = w.id) as tasks,
       (select json_agg(json_build_array(
                 h.position, h.attempt, h.outcome,
                 1000 * extract(epoch from h.dispatched_at)::float8, 1000 * extract(epoch from h.started_at)::float8,
                 1000 * extract(epoch from h.finished_at)::float8, 1000 * extract(epoch from h.recorded_at)::float8,
                 h.agent_id, h.incarnation, h.entry_id, h.error) order by h.recorded_at)
          from attempt_history h where h.workflow_id = w.id) as attempts
from workflow w
where w.id = any ($1::uuid[])
  and (right(w.traceparent, 1) in ('1', '3', '5', '7', '9', 'b', 'd', 'f')
       or w.state = 'failed'
       or exists (select from attempt_history h
                  where h.workflow_id = w.id and h.outcome not in ('succeeded', 'cancelled')))
