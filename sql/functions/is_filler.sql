-- Tells whether a text gives no reason: it is blank, or one of those that people fill cells with.
CREATE FUNCTION core.is_filler(reason text) RETURNS boolean
LANGUAGE sql STABLE
AS $$
SELECT
    core.reason_key(COALESCE(reason, '')) = ''
    OR EXISTS (
        SELECT 1
        FROM core.code_label
        WHERE
            list_code = 'filler'
            AND core.reason_key(label_key) = core.reason_key(reason)
    )
$$;
