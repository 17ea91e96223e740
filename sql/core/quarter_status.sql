-- Each row is one department that owes or sent something for a quarter, with its newest file.
-- Reads core.dim_pledge, core.pledge_standing, core.pledge_report, audit.submission, audit.finding.
-- owed_count counts pledges in force on :reference_date whose first owner it is, undecided.

WITH pledge AS (
    SELECT
        dim_pledge.pledge_id,
        core.department_on(
            :government_id, dim_pledge.department_codes[1], CAST(:reference_date AS date)
        ) AS department_code
    FROM core.dim_pledge
    INNER JOIN core.dim_term
        ON
            dim_pledge.government_id = dim_term.government_id
            AND dim_pledge.term_number = dim_term.term_number
            AND dim_term.superseded_at = 'infinity'
            AND CAST(:reference_date AS date) BETWEEN dim_term.start_date AND dim_term.end_date
    LEFT JOIN LATERAL core.pledge_standing(
        dim_term.government_id, dim_term.term_number, CAST(:reference_date AS date),
        timestamptz '9999-12-31'
    ) AS standing ON dim_pledge.pledge_id = standing.pledge_id
    WHERE
        dim_pledge.government_id = :government_id
        AND dim_pledge.superseded_at = 'infinity'
        AND CAST(:reference_date AS date) >= dim_pledge.valid_from
        AND CAST(:reference_date AS date) < dim_pledge.valid_to
        AND CAST(:reference_date AS date) >= dim_pledge.confirmed_date
        AND NOT COALESCE(standing.has_left OR standing.is_closed, FALSE)
),

owed AS (
    SELECT
        pledge.department_code,
        COUNT(*) AS owed_count,
        COUNT(report.report_id) AS reported_count
    FROM pledge
    LEFT JOIN core.pledge_report AS report
        ON
            report.government_id = :government_id
            AND report.quarter_id = :quarter_id
            AND pledge.pledge_id = report.pledge_id
            AND report.superseded_at = 'infinity'
    GROUP BY pledge.department_code
),

newest AS (
    SELECT DISTINCT ON (submission.department_code) submission.*
    FROM audit.submission
    INNER JOIN audit.batch ON submission.batch_id = batch.batch_id AND batch.purpose = 'collect'
    WHERE
        submission.government_id = :government_id
        AND submission.quarter_id = :quarter_id
        AND submission.form_code = 'quarterly_return'
        AND submission.state <> 'repeated'
    ORDER BY submission.department_code ASC, submission.received_at DESC
),

counted AS (
    SELECT
        newest.submission_id,
        COUNT(*) FILTER (WHERE finding.level IN ('reject_file', 'block_pledge')) AS blocking_count,
        COUNT(*) FILTER (
            WHERE finding.level = 'acknowledge' AND finding.acknowledged_reason IS NULL
        ) AS open_count,
        COUNT(*) FILTER (WHERE finding.level = 'inform') AS inform_count
    FROM newest
    INNER JOIN audit.finding USING (submission_id)
    WHERE NOT finding.is_shadow AND finding.waiver_id IS NULL
    GROUP BY newest.submission_id
)

SELECT
    department_code,
    COALESCE(
        core.department_name(:government_id, department_code), department_code
    ) AS department_name,
    newest.submission_id,
    newest.file_name,
    newest.received_at,
    newest.answer_path,
    COALESCE(newest.is_late, FALSE) AS is_late,
    COALESCE(owed.owed_count, 0) AS owed_count,
    COALESCE(owed.reported_count, 0) AS reported_count,
    COALESCE(counted.blocking_count, 0) AS blocking_count,
    COALESCE(counted.open_count, 0) AS open_count,
    COALESCE(counted.inform_count, 0) AS inform_count,
    CASE
        WHEN newest.submission_id IS NULL THEN 'missing'
        WHEN newest.state = 'rejected' THEN 'rejected'
        WHEN newest.state = 'withdrawn' THEN 'withdrawn'
        WHEN counted.blocking_count > 0 THEN 'blocked'
        WHEN counted.open_count > 0 THEN 'needs_reason'
        WHEN newest.is_late THEN 'late'
        ELSE 'submitted'
    END AS state
FROM owed
FULL OUTER JOIN newest USING (department_code)
LEFT JOIN counted ON newest.submission_id = counted.submission_id
ORDER BY department_code
