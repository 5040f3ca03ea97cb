-- choose-workflows.sql: workflows that lived at some time in a window, as many as have no more tasks than may be read.
-- $1, $2: the window, milliseconds since 1970. $3: tasks at most. $4: ids of workflows that are wanted first of all.
-- What does not fit is left out by chance: by the last digits of the ids, which are random.
select c.id
from (
  select w.id, sum(w.total) over (order by w.id = any ($4::uuid[]) desc, right(w.id::text, 12), w.id) as tasks_so_far
  from workflow w
  where w.created_at <= to_timestamp($2::float8 / 1000)
    and (w.finished_at is null or w.finished_at >= to_timestamp($1::float8 / 1000))
) c
where c.tasks_so_far <= $3
order by c.id
