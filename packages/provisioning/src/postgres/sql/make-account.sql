-- make-account.sql: an account that may log in and nothing else, and with this password from now on. Whatever it was
-- allowed in this database before, it is not any more. %1$I its name, %2$L the password's verifier, %3$I the database.
DO $do$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = %1$L) THEN CREATE ROLE %1$I; END IF;
END $do$;
ALTER ROLE %1$I WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT PASSWORD %2$L;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %1$I;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM %1$I;
GRANT CONNECT ON DATABASE %3$I TO %1$I;
GRANT USAGE ON SCHEMA public TO %1$I;
