-- output-of.sql: the recorded output of a task.
-- $1: workflow id. $2: the task's id within it.
-- Returns at most one row: state; output, or artifact_sha256, artifact_bytes and content (null if it was never stored).
-- In two parts, because the index of names begins at position 1000 (see 0001-create-tables.sql).
select t.state, t.output, t.artifact_sha256, t.artifact_bytes, a.content
from (
  select * from task where workflow_id = $1 and position < 1000 and task_id = $2
  union all
  select * from task where workflow_id = $1 and position >= 1000 and task_id = $2
) t
left join artifact a on a.sha256 = t.artifact_sha256
