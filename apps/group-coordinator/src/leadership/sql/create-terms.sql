-- create-terms.sql: the sequence that terms come from; it outlives every coordinator. Only the lock's holder runs this.
CREATE SEQUENCE IF NOT EXISTS coordinator_term
