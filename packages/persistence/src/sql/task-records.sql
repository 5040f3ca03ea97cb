-- task-records.sql: tasks of workflows that ended, as far as they were dispatched.
-- $1: workflow ids. $2, $3: positions of the tasks, from and up to but without.
-- Returns one row a task: "workflowId", position, "taskId", "agentType", handler, state, attempt (the last one), error (JSON),
--   "startedMs" (its first dispatch), "endedMs" (both since 1970; the latter null if its workflow's end was its own), and
--   "dependsOn" (positions).
with edge as (
  select p.workflow_id, s.position, array_agg(p.position order by p.position) as depends_on
  from task p
  cross join unnest(p.successors) as s(position)
  where p.workflow_id = any ($1::uuid[]) and s.position >= $2 and s.position < $3
  group by p.workflow_id, s.position
)
select t.workflow_id as "workflowId", t.position, t.task_id as "taskId", t.agent_type as "agentType", t.handler, t.state,
       t.attempt, t.error,
       1000 * extract(epoch from first.dispatched_at)::float8 as "startedMs",
       1000 * extract(epoch from t.finished_at)::float8 as "endedMs",
       coalesce(e.depends_on, '{}') as "dependsOn"
from task t
left join edge e on e.workflow_id = t.workflow_id and e.position = t.position
cross join lateral (
  -- Most tasks have one attempt, and need no look into the history.
  select case when t.attempt <= 1 then t.dispatched_at else (
    select min(h.dispatched_at) from attempt_history h where h.workflow_id = t.workflow_id and h.position = t.position
  ) end as dispatched_at
) first
where t.workflow_id = any ($1::uuid[]) and t.position >= $2 and t.position < $3 and first.dispatched_at is not null
