-- What the role `analyst` may read: marts, and what explains them. Nothing of staging, of accepted
-- history or of people. `gongyak_analyst` is the login of `gongyak sql`: a session of its own, for
-- a role that a session takes on can be put off again by the query itself.

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'analyst') THEN
        CREATE ROLE analyst NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'gongyak_analyst') THEN
        CREATE ROLE gongyak_analyst LOGIN;
    END IF;
END
$$;

REVOKE ALL ON SCHEMA core FROM analyst;
REVOKE ALL ON core.code_value, core.code_label FROM analyst;
GRANT USAGE ON SCHEMA mart TO analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA mart TO analyst;
ALTER DEFAULT PRIVILEGES IN SCHEMA mart GRANT SELECT ON TABLES TO analyst;
GRANT analyst TO gongyak_analyst;

ALTER ROLE gongyak_analyst CONNECTION LIMIT 20;

-- What only a superuser may set; on a server of the office's own its administrator does it.
DO $$
BEGIN
    ALTER ROLE gongyak_analyst SET temp_file_limit = '2GB';
    -- A session may put "read only" off; nothing it may call then writes.
    REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea),
        lo_put(oid, bigint, bytea) FROM PUBLIC;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'temp_file_limit and large objects of gongyak_analyst are left as they are';
END
$$;

-- Temporary tables are not counted in temp_file_limit, and locks of sessions by number fill the one
-- table of locks that all sessions share: an analyst needs neither.
DO $$
DECLARE
    lock_by_number regprocedure;
BEGIN
    EXECUTE FORMAT('GRANT CONNECT ON DATABASE %I TO analyst', CURRENT_DATABASE());
    EXECUTE FORMAT('GRANT TEMPORARY ON DATABASE %I TO %I', CURRENT_DATABASE(), CURRENT_USER);
    EXECUTE FORMAT('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', CURRENT_DATABASE());
    FOR lock_by_number IN
        SELECT oid::regprocedure FROM pg_proc WHERE proname ~ '^pg_(try_)?advisory_(xact_)?lock'
    LOOP
        EXECUTE FORMAT('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', lock_by_number);
    END LOOP;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'temporary tables and locks by number are left as they are';
END
$$;

-- Who may not end every session must be a member of a role to end its sessions.
DO $$
BEGIN
    IF NOT PG_HAS_ROLE('gongyak_analyst', 'USAGE') THEN
        EXECUTE FORMAT('GRANT gongyak_analyst TO %I WITH INHERIT TRUE, SET FALSE', CURRENT_USER);
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'sessions of gongyak_analyst can only be ended by the administrator';
END
$$;
