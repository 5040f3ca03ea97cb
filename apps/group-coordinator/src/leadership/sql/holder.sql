-- holder.sql: whose connection holds the leader's lock. $1 scope. Returns no row, or its backend's pid and its name.
SELECT l.pid, a.application_name AS holder
  FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('agent-hive coordinator ' || $1, 0)
