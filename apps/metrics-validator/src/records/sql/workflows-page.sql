-- workflows-page.sql: workflows that lived at some time in a window, in the order of their ids.
-- $1, $2: the window, milliseconds since 1970. $3: the id to go on after. $4: how many at most.
select w.id, w.name, w.state,
       extract(epoch from w.created_at)::float8 * 1000 as "createdAtMs",
       extract(epoch from w.finished_at)::float8 * 1000 as "finishedAtMs",
       w.total, w.succeeded, w.failed, w.cancelled, w.dead, w.traceparent
from workflow w
where w.id > $3::uuid
  and w.created_at <= to_timestamp($2::float8 / 1000)
  and (w.finished_at is null or w.finished_at >= to_timestamp($1::float8 / 1000))
order by w.id
limit $4
