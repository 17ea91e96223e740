-- Tells PostgreSQL what the tables that grow are like by now; staging was told when it was filled.

DO $$
BEGIN
    EXECUTE (
        SELECT 'ANALYZE ' || string_agg(format('%I.%I', schemaname, tablename), ', ')
        FROM pg_tables
        WHERE schemaname IN ('core', 'audit', 'checked_again')
    );
END $$
