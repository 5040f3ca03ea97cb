-- next-term.sql: a term above every earlier one and above $1, the highest that Redis has seen: a database that was
-- restored from a backup must not elect leaders whose writes Redis refuses.
SELECT setval('coordinator_term', greatest(nextval('coordinator_term'), $1::bigint + 1)) AS term
