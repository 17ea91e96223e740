-- Each row is one pledge of one return beside its sub-tasks: what they say now, and which of those
-- in the last report say nothing any more.
-- Reads checked__progress, checked__subproject, core.fct_quarterly_subproject.
-- The last report is that of this quarter, or of the newest before it. open_* are the sub-tasks
-- that are not done; of names the first three are told, cut short.

WITH line AS (
    SELECT
        *,
        status_code IN ('COMPLETED', 'COMPLETED_ONGOING') AS is_done
    FROM checked__subproject
    WHERE occurrence = 1
),

placed AS (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY submission_id, pledge_id, is_done ORDER BY _row) AS place
    FROM line
),

told AS (
    SELECT
        submission_id,
        pledge_id,
        COUNT(status_code) AS told_count,
        COUNT(*) FILTER (WHERE NOT is_done) AS open_count,
        STRING_AGG(LEFT(subproject_name, 20), ', ' ORDER BY _row)
        FILTER (WHERE NOT is_done AND place <= 3) AS open_names
    FROM placed
    GROUP BY submission_id, pledge_id
),

gone AS (
    SELECT
        progress.submission_id,
        progress.pledge_id,
        earlier.subproject_name,
        ROW_NUMBER() OVER (
            PARTITION BY progress.submission_id, progress.pledge_id ORDER BY earlier._row
        ) AS place
    FROM checked__progress AS progress
    INNER JOIN core.fct_quarterly_subproject AS earlier
        ON
            earlier.report_id
            = COALESCE(progress.accepted_report_id, progress.previous_report_id)
    WHERE
        progress.occurrence = 1
        AND NOT EXISTS (
            SELECT 1
            FROM line
            WHERE
                line.submission_id = progress.submission_id
                AND line.pledge_id = progress.pledge_id
                AND line.status_kind NOT IN ('blank', 'not_applicable')
                AND core.name_key(line.subproject_name) = core.name_key(earlier.subproject_name)
        )
),

missing AS (
    SELECT
        submission_id,
        pledge_id,
        COUNT(*) AS missing_count,
        STRING_AGG(LEFT(subproject_name, 20), ', ' ORDER BY place)
        FILTER (WHERE place <= 3) AS missing_names
    FROM gone
    GROUP BY submission_id, pledge_id
)

SELECT
    progress.submission_id,
    progress._table,
    progress._row,
    progress.pledge_id,
    progress.status_code,
    progress.status_raw,
    CONCAT_WS('|', progress.status_code, told.open_count, missing.missing_names) AS row_key,
    COALESCE(told.told_count, 0) AS told_count,
    COALESCE(told.open_count, 0) AS open_count,
    told.open_names,
    COALESCE(missing.missing_count, 0) AS missing_count,
    missing.missing_names
FROM checked__progress AS progress
LEFT JOIN told USING (submission_id, pledge_id)
LEFT JOIN missing USING (submission_id, pledge_id)
WHERE progress.occurrence = 1 AND progress.pledge_id IS NOT NULL
