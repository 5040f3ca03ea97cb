-- workflows-of.sql: workflows without what they are about, in the order of their ids.
-- $1: the ids.
select w.id, w.name, w.state,
       extract(epoch from w.created_at)::float8 * 1000 as "createdAtMs",
       extract(epoch from w.finished_at)::float8 * 1000 as "finishedAtMs",
       w.total, w.succeeded, w.failed, w.cancelled, w.dead, w.traceparent
from workflow w
where w.id = any ($1::uuid[])
order by w.id
