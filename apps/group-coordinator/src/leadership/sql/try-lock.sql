-- try-lock.sql: take the leader's lock if it is free. $1 scope. Returns whether this connection holds it now.
-- To be asked at most once per connection that holds it: the lock counts, and one count is given back at a time.
SELECT pg_try_advisory_lock(hashtextextended('agent-hive coordinator ' || $1, 0)) AS locked
