-- create-terms.sql: the sequence that terms come from; it outlives every coordinator. Only the lock's holder runs this, and
-- an account that may make nothing finds it made: CREATE … IF NOT EXISTS asks for the right before it looks.
DO $do$ BEGIN
  IF to_regclass('coordinator_term') IS NULL THEN CREATE SEQUENCE coordinator_term; END IF;
END $do$
