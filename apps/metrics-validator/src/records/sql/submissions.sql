-- submissions.sql: submissions with an idempotency key that were accepted in a window, and which of their workflows are
-- gone.
-- $1, $2: the window, milliseconds since 1970. $3: how many at most.
select s.idempotency_key as key, s.request_sha256 as "requestSha256", s.workflow_ids as "workflowIds",
       array(select i.id from unnest(s.workflow_ids) as i(id)
             where not exists (select from workflow w where w.id = i.id)) as missing
from submission s
where s.created_at between to_timestamp($1::float8 / 1000) and to_timestamp($2::float8 / 1000)
order by s.created_at, s.idempotency_key
limit $3
