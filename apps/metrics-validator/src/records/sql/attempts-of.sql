-- attempts-of.sql: the history of workflows: how attempts ended, and what befell their deliveries.
-- $1: ids of the workflows. $2: how many rows at most.
select h.workflow_id as "workflowId", h.position, h.attempt, h.delivery, h.outcome, h.agent_id as "agentId", h.incarnation,
       h.entry_id as "entryId", h.run_ms as "runMs",
       extract(epoch from h.dispatched_at)::float8 * 1000 as "dispatchedAtMs",
       extract(epoch from h.started_at)::float8 * 1000 as "startedAtMs",
       extract(epoch from h.finished_at)::float8 * 1000 as "finishedAtMs",
       extract(epoch from h.recorded_at)::float8 * 1000 as "recordedAtMs"
from attempt_history h
where h.workflow_id = any ($1::uuid[])
order by h.workflow_id, h.position, h.attempt, h.delivery
limit $2
