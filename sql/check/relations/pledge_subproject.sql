-- Each row is one pledge of one return beside its sub-tasks: what they say now, and which of those
-- in the last report say nothing any more.
-- Reads checked__progress, checked__subproject, core.fct_quarterly_subproject, core.reports_until.
-- The last report is that of this quarter, or of the newest before it. open_* are the sub-tasks that
-- are not done; names are cut short, for people.

WITH told AS (
    SELECT
        submission_id,
        pledge_id,
        COUNT(*) FILTER (WHERE status_code IS NOT NULL) AS told_count,
        COUNT(*) FILTER (WHERE NOT is_done) AS open_count,
        STRING_AGG(LEFT(subproject_name, 20), ', ' ORDER BY _row)
            FILTER (WHERE NOT is_done AND place <= 3) AS open_names
    FROM (
        SELECT
            line.*,
            done.is_done,
            ROW_NUMBER() OVER (
                PARTITION BY line.submission_id, line.pledge_id, done.is_done ORDER BY line._row
            ) AS place
        FROM checked__subproject AS line
        CROSS JOIN
            LATERAL (
                VALUES (line.status_code IN ('COMPLETED', 'COMPLETED_ONGOING'))
            ) AS done (is_done)
        WHERE line.occurrence = 1
    ) AS line
    GROUP BY submission_id, pledge_id
)

SELECT
    line.submission_id,
    line._table,
    line._row,
    line.pledge_id,
    line.status_code,
    line.status_raw,
    CONCAT_WS('|', line.status_code, told.open_count, missing.missing_names) AS row_key,
    COALESCE(told.told_count, 0) AS told_count,
    COALESCE(told.open_count, 0) AS open_count,
    told.open_names,
    missing.missing_count,
    missing.missing_names
FROM checked__progress AS line
LEFT JOIN told USING (submission_id, pledge_id)
INNER JOIN checked__submission AS scope USING (submission_id)
CROSS JOIN LATERAL (
    SELECT
        COUNT(*) AS missing_count,
        STRING_AGG(LEFT(gone.subproject_name, 20), ', ' ORDER BY gone._row)
            FILTER (WHERE gone.place <= 3) AS missing_names
    FROM (
        SELECT
            before.subproject_name,
            before._row,
            ROW_NUMBER() OVER (ORDER BY before._row) AS place
        FROM
            core.reports_until(
                scope.government_id, scope.term_number, line.pledge_id, scope.quarter_id,
                scope.reference_date, scope.known_until
            ) AS report
        INNER JOIN core.fct_quarterly_subproject AS before USING (report_id)
        WHERE
            report.place = 1
            AND NOT EXISTS (
                SELECT 1
                FROM checked__subproject AS now
                WHERE
                    now.submission_id = line.submission_id
                    AND now.pledge_id = line.pledge_id
                    AND now.status_kind NOT IN ('blank', 'not_applicable')
                    AND core.name_key(now.subproject_name) = core.name_key(before.subproject_name)
            )
    ) AS gone
) AS missing
WHERE line.occurrence = 1 AND line.pledge_id IS NOT NULL
