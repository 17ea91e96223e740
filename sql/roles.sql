-- What the role `analyst` may read: marts and code lists, nothing of staging or of people.

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'analyst') THEN
        CREATE ROLE analyst NOLOGIN;
    END IF;
END
$$;

GRANT USAGE ON SCHEMA mart, core TO analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA mart TO analyst;
GRANT SELECT ON core.code_value, core.code_label TO analyst;
ALTER DEFAULT PRIVILEGES IN SCHEMA mart GRANT SELECT ON TABLES TO analyst;
GRANT analyst TO current_user;
