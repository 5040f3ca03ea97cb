-- recomputed.sql: the figures of a demonstration's workflow ($1) as one JSON value, from the tables alone. Times are milliseconds
-- since 1970; $2, $3: the measured window.
with recursive w as (
  select *, extract(epoch from created_at)::float8 * 1000 as created_ms, extract(epoch from finished_at)::float8 * 1000 as finished_ms
  from workflow where id = $1::uuid
), h as (
  select a.*, t.task_id, t.agent_type,
         extract(epoch from a.dispatched_at)::float8 * 1000 as dispatched_ms,
         extract(epoch from a.started_at)::float8 * 1000 as started_ms,
         extract(epoch from a.finished_at)::float8 * 1000 as finished_ms,
         extract(epoch from a.recorded_at)::float8 * 1000 as recorded_ms
  from attempt_history a join task t using (workflow_id, position) where a.workflow_id = $1::uuid
), edge as (
  select t.position as before, s as after from task t, unnest(t.successors) s where t.workflow_id = $1::uuid
), t as (
  select t.*, extract(epoch from t.finished_at)::float8 * 1000 as finished_ms,
         coalesce((select max(extract(epoch from b.finished_at)::float8 * 1000)
                   from edge e join task b on b.workflow_id = t.workflow_id and b.position = e.before
                   where e.after = t.position), (select created_ms from w)) as ready_ms,
         (select min(h.started_ms) from h where h.position = t.position) as first_start_ms
  from task t where t.workflow_id = $1::uuid
), chain as (
  (select position from t order by finished_ms desc limit 1)
  union all
  select b.position from chain c, lateral (
    select t.position from edge e join t on t.position = e.before where e.after = c.position order by t.finished_ms desc limit 1) b
), queueing as (select first_start_ms - ready_ms as ms from t where first_start_ms is not null
), running as (select run_ms as ms from h where run_ms is not null
)
select json_build_object(
  'workflow', (select json_build_object('state', state, 'createdAtMs', created_ms, 'finishedAtMs', finished_ms, 'tasks', total,
     'succeeded', succeeded, 'failed', failed, 'cancelled', cancelled, 'dead', dead, 'traceId', split_part(traceparent, '-', 2)) from w),
  'makespanMs', (select finished_ms - created_ms from w),
  'tasks', (select json_object_agg(task_id, json_build_object('state', state, 'attempts', attempt, 'crashes', crashes,
     'readyAtMs', ready_ms, 'finishedAtMs', finished_ms, 'isCritical', position in (select position from chain))) from t),
  'attempts', (select json_agg(json_build_object('taskId', task_id, 'attempt', attempt, 'outcome', outcome, 'incarnation', incarnation,
     'entryId', entry_id, 'dispatchedAtMs', dispatched_ms, 'startedAtMs', started_ms, 'finishedAtMs', finished_ms,
     'recordedAtMs', recorded_ms) order by task_id, recorded_ms, outcome) from h),
  'tasksRecordedOnce', (select count(*) from t where state = 'succeeded'
     and (select count(*) from h where h.position = t.position and h.outcome = 'succeeded') = 1),
  'queueingMs', (select json_build_object('count', count(*), 'min', min(ms), 'p50', percentile_disc(0.5) within group (order by ms),
     'p95', percentile_disc(0.95) within group (order by ms), 'p99', percentile_disc(0.99) within group (order by ms), 'max', max(ms)) from queueing),
  'runningMs', (select json_build_object('count', count(*), 'min', min(ms), 'p50', percentile_disc(0.5) within group (order by ms),
     'p95', percentile_disc(0.95) within group (order by ms), 'p99', percentile_disc(0.99) within group (order by ms), 'max', max(ms)) from running),
  'recordedBy', (select json_object_agg(incarnation, n) from (
     select incarnation, count(*) as n from h where outcome = 'succeeded' group by incarnation) r),
  'lostWith', (select json_object_agg(incarnation, n) from (
     select incarnation, count(*) as n from h where outcome in ('crashed', 'frozen') group by incarnation) r),
  'dispatched', (select count(*) from h where outcome = 'succeeded' and dispatched_ms > $2 and dispatched_ms <= $3),
  'resultsWithin', (select count(*) from h where recorded_ms > $2 and recorded_ms <= $3),
  'recordedWithin', (select count(*) from h where outcome = 'succeeded' and recorded_ms > $2 and recorded_ms <= $3)
) as figures
