-- Each row is one line of 세부사업현황 of the batch, coded as the statuses of pledges are.
-- Reads staging.quarterly_return__subproject, checked__progress, core.status_coded,
-- core.dim_subproject.
-- is_listed is null where the register lists no sub-task of the pledge.

WITH reported AS (
    SELECT DISTINCT
        submission_id,
        pledge_id
    FROM checked__progress
    WHERE pledge_id IS NOT NULL
)

SELECT
    line.submission_id,
    line._table,
    line._row,
    line.pledge_id,
    line.subproject_name,
    COALESCE(line.subproject_name, '') AS row_key,
    line.status_raw,
    line.status_kind,
    status.code AS status_code,
    CASE
        WHEN status.code IS NULL THEN core.status_choices(scope.government_id, scope.known_at)
    END AS status_choices,
    line.rate AS rate_pct,
    line.rate_raw,
    line.rate_kind,
    lost._row IS NOT NULL AS is_id_lost,
    reported.pledge_id IS NOT NULL AS has_progress,
    (
        SELECT BOOL_OR(core.name_key(listed.subproject_name) = core.name_key(line.subproject_name))
        FROM core.dim_subproject AS listed
        WHERE
            listed.government_id = scope.government_id
            AND listed.term_number = scope.term_number
            AND listed.pledge_id = line.pledge_id
            AND listed.superseded_at = 'infinity'
    ) AS is_listed,
    ROW_NUMBER() OVER same_name AS occurrence,
    FIRST_VALUE(line._row) OVER same_name AS first_row
FROM staging.quarterly_return__subproject AS line
LEFT JOIN checked__lost_id AS lost USING (submission_id, _table, _row)
LEFT JOIN reported USING (submission_id, pledge_id)
INNER JOIN checked__submission AS scope USING (submission_id)
LEFT JOIN core.code_value AS status
    ON
        status.list_code = 'status'
        AND status.code = core.status_coded(scope.government_id, line.status, scope.known_at)
WINDOW
    same_name AS (
        PARTITION BY line.submission_id, line.pledge_id, core.name_key(line.subproject_name)
        ORDER BY line._table, line._row
    )
