-- Writes one finding for each offender of one rule, from :recorded_at on: complete, however many
-- there are.
-- The offenders are the rows of the rule's own query (or of the one Great Expectations reports for
-- it): submission_id, _table, _row, _column, field, pledge_id, row_key, related, seen, expected,
-- told. The message is made from the columns of `said`, the values that a message can name.

INSERT INTO audit.finding (
    submission_id, rule_id, level, is_shadow, pledge_id, table_code, sheet_name, cell,
    related_cells, _table, _row, seen, expected, message, fingerprint,
    recorded_at
)
SELECT
    offender.submission_id,
    CAST(:rule_id AS text),
    CAST(:level AS text),
    CAST(:is_shadow AS boolean),
    offender.pledge_id,
    sheet.table_code,
    COALESCE(offender.sheet_name, sheet.sheet_name),
    core.cell_locator(sheet.columns, offender._column, offender.field, offender._row),
    ARRAY(
        SELECT core.cell_locator(
            sheet.columns,
            NULL,
            split_part(place, '@', 1),
            COALESCE(NULLIF(split_part(place, '@', 2), '')::integer, offender._row)
        )
        FROM unnest(offender.related) AS place
        WHERE sheet.columns ? split_part(place, '@', 1)
    ),
    offender._table,
    offender._row,
    offender.seen,
    offender.expected,
    {message},
    left(md5(concat_ws(
        '|', CAST(:rule_id AS text), scope.government_id, offender.pledge_id, offender.field, offender.row_key,
        offender.seen
    )), 12),
    CAST(:recorded_at AS timestamptz)
FROM ({offenders}) AS offender
INNER JOIN audit.submission AS scope ON offender.submission_id = scope.submission_id
LEFT JOIN audit.submission_table AS sheet
    ON offender.submission_id = sheet.submission_id AND offender._table = sheet.table_no
CROSS JOIN LATERAL (
    SELECT
        COALESCE(offender.seen, '빈칸') AS seen,
        COALESCE(offender.expected, '') AS expected,
        COALESCE(offender.pledge_id, '') AS pledge,
        COALESCE(offender.told, '') AS told
) AS said
