-- 0002-note-written-epoch.sql: whether Redis is known to have carried the epoch. Breaks nothing: a release that does not
-- know the column leaves it true, and a lost Redis then begins an epoch of its own for each engine, as it did before.

alter table hive_state add column epoch_written boolean not null default true;
