-- attempt-records.sql: what befell the tasks of workflows that ended, attempt by attempt.
-- $1: workflow ids. $2, $3: positions of the tasks, from and up to but without.
-- Returns one row for each end of an attempt, and of each delivery that was lost: "workflowId", position, attempt, outcome,
--   "dispatchedMs", "startedMs", "finishedMs", "recordedMs" (since 1970), "agentId", incarnation, "entryId", error (JSON).
select h.workflow_id as "workflowId", h.position, h.attempt, h.outcome,
       1000 * extract(epoch from h.dispatched_at)::float8 as "dispatchedMs",
       1000 * extract(epoch from h.started_at)::float8 as "startedMs",
       1000 * extract(epoch from h.finished_at)::float8 as "finishedMs",
       1000 * extract(epoch from h.recorded_at)::float8 as "recordedMs",
       h.agent_id as "agentId", h.incarnation, h.entry_id as "entryId", h.error
from attempt_history h
where h.workflow_id = any ($1::uuid[]) and h.position >= $2 and h.position < $3
