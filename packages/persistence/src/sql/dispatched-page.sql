-- dispatched-page.sql: one page of the tasks that have been dispatched for a while, in the order of their keys.
-- $1, $2: workflow and position to go on after; null to start. $3: how many at most. $4: for how many milliseconds.
-- Returns a row a task.
select t.workflow_id as "workflowId", t.position, t.agent_type as "agentType", t.attempt
from workflow w
join task t on t.workflow_id = w.id
where w.state = 'running' and w.id >= coalesce($1::uuid, '00000000-0000-0000-0000-000000000000')
  and (t.workflow_id, t.position) > (coalesce($1::uuid, '00000000-0000-0000-0000-000000000000'), coalesce($2::integer, -1))
  and t.state = 'dispatched'
  and t.dispatched_at < clock_timestamp() - interval '1 millisecond' * $4::double precision
order by w.id, t.position
limit $3
