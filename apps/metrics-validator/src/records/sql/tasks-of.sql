-- tasks-of.sql: the tasks of workflows, without what they are about.
-- $1: ids of the workflows. $2: how many tasks at most.
select t.workflow_id as "workflowId", t.position, t.task_id as "taskId", t.agent_type as "agentType", t.state, t.successors,
       t.open_dependencies as "openDependencies", t.attempt, t.crashes,
       extract(epoch from t.dispatched_at)::float8 * 1000 as "dispatchedAtMs",
       extract(epoch from t.finished_at)::float8 * 1000 as "finishedAtMs"
from task t
where t.workflow_id = any ($1::uuid[])
order by t.workflow_id, t.position
limit $2
