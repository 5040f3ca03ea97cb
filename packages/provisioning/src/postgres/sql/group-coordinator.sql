-- group-coordinator.sql: coordinators only elect one of themselves: by a lock, and with terms from a sequence. %1$I the account.
GRANT USAGE, SELECT, UPDATE ON SEQUENCE coordinator_term TO %1$I;
