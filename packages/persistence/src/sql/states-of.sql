-- states-of.sql: state and attempt of tasks.
-- $1, $2: workflow ids and positions, in parallel.
-- Returns one row a task that exists.
select t.workflow_id as "workflowId", t.position, t.state, t.attempt
from unnest($1::uuid[], $2::integer[]) as k(workflow_id, position)
join task t on t.workflow_id = k.workflow_id and t.position = k.position
