-- output-of.sql: the recorded output of a task.
-- $1: workflow id. $2: the task's id within it.
-- Returns at most one row: state; output, or artifact_sha256, artifact_bytes and content (null if it was never stored).
select t.state, t.output, t.artifact_sha256, t.artifact_bytes, a.content
from task t
left join artifact a on a.sha256 = t.artifact_sha256
where t.workflow_id = $1 and t.task_id = $2
