-- steps.sql: what began and ended in each step of a window, over all rows. The model is totalsOf in packages/measurement.
-- $1, $2: the window, milliseconds since 1970. $3: the length of a step in milliseconds. $4: how many steps there are.
-- Returns a row for each step in which something happened: -1 is all that was before and had not ended, $4 all that was
-- after; what happens at the end of a step belongs to it.
with attempt as materialized (
  select extract(epoch from h.dispatched_at)::float8 * 1000 as dispatched,
         extract(epoch from h.recorded_at)::float8 * 1000 as recorded,
         extract(epoch from h.started_at)::float8 * 1000 as started,
         extract(epoch from coalesce(h.finished_at, h.recorded_at))::float8 * 1000 as stopped,
         h.delivery = '' as is_end,
         h.incarnation is not null as is_result,
         h.delivery = '' and h.outcome = 'succeeded' as is_success
  from attempt_history h
  where h.recorded_at >= to_timestamp($1::float8 / 1000)
  union all
  select extract(epoch from t.dispatched_at)::float8 * 1000, null, null, null, true, false, false
  from workflow w
  join task t on t.workflow_id = w.id
  where w.state = 'running' and t.state = 'dispatched'
), moment (ms, dispatched, recorded, results, succeeded, started, stopped, created, finished) as (
  select a.dispatched, 1, 0, 0, 0, 0, 0, 0, 0 from attempt a where a.is_end
  union all
  select greatest(a.dispatched, a.recorded), 0, 1, 0, 0, 0, 0, 0, 0
  from attempt a
  where a.is_end and a.dispatched is not null and a.recorded is not null
  union all
  select a.recorded, 0, 0, a.is_result::integer, a.is_success::integer, 0, 0, 0, 0 from attempt a
  union all
  select a.started, 0, 0, 0, 0, 1, 0, 0, 0 from attempt a
  union all
  select greatest(a.started, a.stopped), 0, 0, 0, 0, 0, 1, 0, 0 from attempt a where a.started is not null
  union all
  select extract(epoch from w.created_at)::float8 * 1000, 0, 0, 0, 0, 0, 0, 1, 0
  from workflow w
  where w.finished_at is null or w.finished_at >= to_timestamp($1::float8 / 1000)
  union all
  select extract(epoch from w.finished_at)::float8 * 1000, 0, 0, 0, 0, 0, 0, 0, 1
  from workflow w
  where w.finished_at >= to_timestamp($1::float8 / 1000)
)
select case when m.ms > $2::float8 then $4::integer
            else greatest(-1, ceil((m.ms - $1::float8) / $3::float8) - 1)::integer end as step,
       sum(m.dispatched)::integer as dispatched, sum(m.recorded)::integer as recorded, sum(m.results)::integer as results,
       sum(m.succeeded)::integer as succeeded, sum(m.started)::integer as started, sum(m.stopped)::integer as stopped,
       sum(m.created)::integer as created, sum(m.finished)::integer as finished
from moment m
where m.ms is not null
group by 1
order by 1
