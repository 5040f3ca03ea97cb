-- unseat.sql: cut the connection of a dead holder, if the backend ($1 pid) still is that holder's ($2 name).
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND application_name = $2
