-- workflow-engine.sql: what engines need. Tables that tell which schema this is are theirs to read. %1$I the account.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO %1$I;
GRANT INSERT, UPDATE, DELETE
  ON workflow, task, ready_queue, delayed_queue, attempt_history, dead_letter, submission, artifact TO %1$I;
GRANT UPDATE ON hive_state TO %1$I;
