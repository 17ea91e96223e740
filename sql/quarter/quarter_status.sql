-- Each row is one department that owes or sent something for a quarter, with its newest file and
-- the findings of all its files that count.
-- Reads core.pledges_in_force, core.pledge_report, core.submission_counting,
-- core.submission_window, core.department_window, audit.finding; all as known at :as_of.
-- A report of another period of the same 기준일 counts: who reported all by it has submitted.
-- owed_count counts pledges in force on :reference_date whose first owner it is, undecided.

WITH pledge AS (
    SELECT
        (known.pledge).term_number,
        (known.pledge).pledge_id,
        core.department_on(
            :government_id, (known.pledge).department_codes[1], CAST(:reference_date AS date)
        ) AS department_code
    FROM core.dim_term
    INNER JOIN LATERAL core.pledges_in_force(
        dim_term.government_id, dim_term.term_number, CAST(:reference_date AS date),
        CAST(:as_of AS timestamptz)
    ) AS known ON TRUE
    WHERE
        dim_term.government_id = :government_id
        AND dim_term.recorded_at <= :as_of
        AND dim_term.superseded_at > :as_of
        AND CAST(:reference_date AS date) BETWEEN dim_term.start_date AND dim_term.end_date
        AND NOT known.is_closed
),

owed AS (
    SELECT
        pledge.department_code,
        COUNT(*) AS owed_count,
        COUNT(report.report_id) AS reported_count,
        COUNT(report.report_id) FILTER (WHERE report.quarter_id <> :quarter_id) AS elsewhere_count
    FROM pledge
    LEFT JOIN LATERAL core.reports_until(
        :government_id, pledge.term_number, pledge.pledge_id, :quarter_id,
        CAST(:reference_date AS date), CAST(:as_of AS timestamptz)
    ) AS report ON report.place = 1 AND report.is_of_day
    GROUP BY pledge.department_code
),

-- A file that was taken back later still stood then.
present AS (
    SELECT
        submission_id,
        file_name,
        received_at,
        department_code,
        is_late,
        answer_path,
        CASE WHEN withdrawn_at > :as_of THEN 'loaded' ELSE state END AS state
    FROM core.submission_counting(CAST(:as_of AS timestamptz))
    WHERE government_id = :government_id AND quarter_id = :quarter_id
),

newest AS (
    SELECT DISTINCT ON (present.department_code) present.*
    FROM present
    ORDER BY present.department_code ASC, present.received_at DESC
),

counted AS (
    SELECT
        present.department_code,
        COUNT(finding.finding_id) FILTER (
            WHERE finding.level IN ('reject_file', 'block_pledge')
        ) AS blocking_count,
        COUNT(finding.finding_id) FILTER (
            WHERE finding.level = 'acknowledge' AND finding.acknowledged_reason IS NULL
        ) AS open_count,
        COUNT(finding.finding_id) FILTER (WHERE finding.level = 'inform') AS inform_count,
        BOOL_AND(present.state = 'rejected') AS is_rejected,
        BOOL_AND(present.state = 'withdrawn') AS is_withdrawn,
        BOOL_OR(present.is_late) AS is_late
    FROM present
    LEFT JOIN audit.finding
        ON
            present.submission_id = finding.submission_id
            AND NOT finding.is_shadow
            AND finding.waiver_id IS NULL
            AND finding.recorded_at <= :as_of
            AND finding.superseded_at > :as_of
    GROUP BY present.department_code
)

SELECT
    COALESCE(owed.department_code, newest.department_code) AS department_code,
    COALESCE(
        core.department_name(
            :government_id, COALESCE(owed.department_code, newest.department_code)
        ),
        owed.department_code,
        newest.department_code
    ) AS department_name,
    newest.submission_id,
    newest.file_name,
    newest.received_at,
    newest.answer_path,
    COALESCE(counted.is_late, FALSE) AS is_late,
    COALESCE(own.due_date, everyone.due_date) AS due_date,
    COALESCE(own.grace_date, everyone.grace_date) AS grace_date,
    COALESCE(owed.owed_count, 0) AS owed_count,
    COALESCE(owed.reported_count, 0) AS reported_count,
    COALESCE(counted.blocking_count, 0) AS blocking_count,
    COALESCE(counted.open_count, 0) AS open_count,
    COALESCE(counted.inform_count, 0) AS inform_count,
    CASE
        WHEN
            newest.submission_id IS NULL
            AND owed.elsewhere_count > 0
            AND owed.reported_count = owed.owed_count
            THEN 'submitted'
        WHEN newest.submission_id IS NULL THEN 'missing'
        WHEN counted.is_rejected THEN 'rejected'
        WHEN counted.is_withdrawn THEN 'withdrawn'
        WHEN counted.blocking_count > 0 THEN 'blocked'
        WHEN counted.open_count > 0 THEN 'needs_reason'
        WHEN counted.is_late THEN 'late'
        ELSE 'submitted'
    END AS state
FROM owed
FULL OUTER JOIN newest ON owed.department_code = newest.department_code
LEFT JOIN counted
    ON
        newest.submission_id IS NOT NULL
        AND newest.department_code IS NOT DISTINCT FROM counted.department_code
LEFT JOIN core.department_window AS own
    ON
        own.government_id = :government_id
        AND own.quarter_id = :quarter_id
        AND own.department_code = COALESCE(owed.department_code, newest.department_code)
        AND own.recorded_at <= :as_of
        AND own.superseded_at > :as_of
LEFT JOIN core.submission_window AS everyone
    ON
        everyone.government_id = :government_id
        AND everyone.quarter_id = :quarter_id
        AND everyone.recorded_at <= :as_of
        AND everyone.superseded_at > :as_of
ORDER BY department_code
