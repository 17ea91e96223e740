-- What only the administrator of a server can do in the warehouse, done for its owner: analysts
-- call neither locks by number nor large objects, and the owner limits their temporary files.

DO $$
DECLARE
    its_owner text;
    guarded regprocedure;
BEGIN
    SELECT datdba::regrole::text INTO its_owner
    FROM pg_database
    WHERE datname = CURRENT_DATABASE();
    FOR guarded IN
        SELECT oid::regprocedure
        FROM pg_proc
        WHERE
            proname ~ '^pg_(try_)?advisory_(xact_)?lock'
            OR oid = ANY(ARRAY[
                'lo_creat(integer)', 'lo_create(oid)', 'lo_from_bytea(oid, bytea)',
                'lo_put(oid, bigint, bytea)'
            ]::regprocedure [])
    LOOP
        EXECUTE FORMAT('GRANT EXECUTE ON FUNCTION %s TO %s', guarded, its_owner);
        EXECUTE FORMAT('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', guarded);
    END LOOP;
    EXECUTE FORMAT('GRANT SET ON PARAMETER temp_file_limit TO %s', its_owner);
END
$$;
