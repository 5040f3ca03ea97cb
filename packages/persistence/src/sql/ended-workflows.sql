-- ended-workflows.sql: workflows that ended and are worth a trace.
-- $1: workflow ids. Left out are those whose trace is not sampled (the flags at the end of traceparent are even), unless
--   they failed or an attempt of theirs did not succeed.
-- Returns one row a workflow: id, name, state, traceparent, total (of its tasks), "startedMs", "endedMs" (since 1970), and
--   error (JSON) of the task that made it fail.
select w.id, w.name, w.state, w.traceparent, w.total,
       1000 * extract(epoch from w.created_at)::float8 as "startedMs",
       1000 * extract(epoch from w.finished_at)::float8 as "endedMs",
       (select t.error from task t where t.workflow_id = w.id and t.position = w.failed_position) as error
from workflow w
where w.id = any ($1::uuid[])
  and (right(w.traceparent, 1) in ('1', '3', '5', '7', '9', 'b', 'd', 'f')
       or w.state = 'failed'
       or exists (select from attempt_history h
                  where h.workflow_id = w.id and h.outcome not in ('succeeded', 'cancelled')))
