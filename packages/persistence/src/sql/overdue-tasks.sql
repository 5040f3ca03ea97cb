-- overdue-tasks.sql: dispatched tasks whose timeout passed a while ago by PostgreSQL's clock, the longest overdue first.
-- $1: how many at most. $2: milliseconds of grace beyond the timeout.
-- Returns one row a task.
select t.workflow_id as "workflowId", t.position, t.agent_type as "agentType", t.attempt, t.timeout_ms as "timeoutMs",
       extract(epoch from clock_timestamp() - t.dispatched_at)::double precision * 1000 as "dispatchedForMs"
from workflow w
join task t on t.workflow_id = w.id
where w.state = 'running' and t.state = 'dispatched'
  and t.dispatched_at < clock_timestamp() - interval '1 millisecond' * (t.timeout_ms + $2::double precision)
order by t.dispatched_at + interval '1 millisecond' * t.timeout_ms
limit $1
