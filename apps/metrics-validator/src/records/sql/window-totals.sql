-- window-totals.sql: how many workflows lived at some time in a window, how many tasks they have, and what became of them.
-- $1, $2: the window, milliseconds since 1970.
select count(*)::integer as workflows,
       coalesce(sum(w.total), 0)::integer as tasks,
       (count(*) filter (where w.state <> 'running'))::integer as ended,
       (count(*) filter (where w.finished_at > to_timestamp($1::float8 / 1000)
                           and w.finished_at <= to_timestamp($2::float8 / 1000)))::integer as "endedWithin",
       (count(*) filter (where w.state = 'succeeded'))::integer as succeeded
from workflow w
where w.created_at <= to_timestamp($2::float8 / 1000)
  and (w.finished_at is null or w.finished_at >= to_timestamp($1::float8 / 1000))
