-- task-records.sql: what befell tasks of workflows that ended.
-- $1: workflow ids. $2, $3: positions of the tasks, from and up to but without.
-- Returns one row a task: "workflowId", position, "taskId", "agentType", handler, state, error (JSON), "endedMs",
--   "dependsOn" (positions), and attempts, an array of objects; times in milliseconds since 1970.
with edge as (
  select p.workflow_id, s.position, array_agg(p.position order by p.position) as depends_on
  from task p
  cross join unnest(p.successors) as s(position)
  where p.workflow_id = any ($1::uuid[]) and s.position >= $2 and s.position < $3
  group by p.workflow_id, s.position
)
select t.workflow_id as "workflowId", t.position, t.task_id as "taskId", t.agent_type as "agentType", t.handler, t.state, t.error,
       1000 * extract(epoch from t.finished_at)::float8 as "endedMs",
       coalesce(e.depends_on, '{}') as "dependsOn",
       coalesce((
         select json_agg(json_build_object(
                  'attempt', h.attempt, 'outcome', h.outcome,
                  'dispatchedMs', 1000 * extract(epoch from h.dispatched_at)::float8,
                  'startedMs', 1000 * extract(epoch from h.started_at)::float8,
                  'finishedMs', 1000 * extract(epoch from h.finished_at)::float8,
                  'recordedMs', 1000 * extract(epoch from h.recorded_at)::float8,
                  'agentId', h.agent_id, 'incarnation', h.incarnation, 'entryId', h.entry_id, 'error', h.error))
         from attempt_history h
         where h.workflow_id = t.workflow_id and h.position = t.position
       ), '[]') as attempts
from task t
left join edge e on e.workflow_id = t.workflow_id and e.position = t.position
where t.workflow_id = any ($1::uuid[]) and t.position >= $2 and t.position < $3
