-- metrics-validator.sql: whoever judges changes nothing. %1$I the account.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO %1$I;
