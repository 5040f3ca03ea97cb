-- close-to-others.sql: who has no account of the hive has no business in its database. %1$I the database.
REVOKE ALL ON DATABASE %1$I FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- The coordinators' sequence, which they may not make themselves.
CREATE SEQUENCE IF NOT EXISTS coordinator_term;
