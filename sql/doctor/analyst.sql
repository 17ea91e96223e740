-- One row, or none where the login is missing: whether it may log in and reads as an analyst.
-- Reads the server's own catalogue.

SELECT
    login.rolcanlogin AS can_log_in,
    PG_HAS_ROLE(login.oid, reader.oid, 'USAGE') AS is_analyst
FROM pg_roles AS login
CROSS JOIN pg_roles AS reader
WHERE login.rolname = :login AND reader.rolname = 'analyst'
