-- Each row is: the frame in which one government reports one quarter (one row; none where the
--     government is unknown or no term holds the 기준일).
-- Reads: core.dim_government, core.dim_term, core.submission_window, core.department_window,
--     core.status_word, the register's receipts; core.pledge_report and its facts for what only
--     some governments report.
-- Formula: 기준일 and 확보연도 are those of the 제출일정; register_version is the beginning of the
--     sha256 of the newest register that any of its rows comes from.
-- Basis: pledge in force is judged on 기준일, in the term that holds that day.
-- When blank or zero: without a 제출일정 row 기준일 is the quarter's last day, 확보연도 the quarter's
--     year (the year after it in a fourth quarter), and both deadlines are NULL.
WITH window_of_quarter AS (
    SELECT
        due_date,
        grace_date,
        reference_date,
        voted_year,
        _submission_id
    FROM core.submission_window
    WHERE
        government_id = :government_id
        AND quarter_id = :quarter_id
        AND recorded_at <= :as_of AND superseded_at > :as_of
),

calendar AS (
    SELECT
        MAX(due_date) AS due_date,
        MAX(grace_date) AS grace_date,
        COALESCE(MAX(reference_date), CAST(:quarter_last_day AS date)) AS reference_date,
        COALESCE(MAX(voted_year), CAST(:usual_voted_year AS integer)) AS voted_year
    FROM window_of_quarter
),

register_row AS (
    SELECT _submission_id FROM window_of_quarter
    UNION ALL
    SELECT _submission_id FROM core.department_window
    WHERE
        government_id = :government_id
        AND quarter_id = :quarter_id
        AND recorded_at <= :as_of AND superseded_at > :as_of
    UNION ALL
    SELECT _submission_id FROM core.dim_government
    WHERE
        government_id = :government_id
        AND recorded_at <= :as_of AND superseded_at > :as_of
    UNION ALL
    SELECT _submission_id FROM core.dim_term
    WHERE
        government_id = :government_id
        AND recorded_at <= :as_of AND superseded_at > :as_of
    UNION ALL
    SELECT _submission_id FROM core.dim_department
    WHERE
        government_id = :government_id
        AND recorded_at <= :as_of AND superseded_at > :as_of
    UNION ALL
    SELECT _submission_id FROM core.dim_pledge
    WHERE
        government_id = :government_id
        AND recorded_at <= :as_of AND superseded_at > :as_of
    UNION ALL
    SELECT _submission_id FROM core.dim_subproject
    WHERE
        government_id = :government_id
        AND recorded_at <= :as_of AND superseded_at > :as_of
    UNION ALL
    SELECT _submission_id FROM core.pledge_change
    WHERE
        government_id = :government_id
        AND recorded_at <= :as_of AND superseded_at > :as_of
    UNION ALL
    SELECT _submission_id FROM core.status_word
    WHERE
        government_id = :government_id
        AND recorded_at <= :as_of AND superseded_at > :as_of
),

known_report AS (
    SELECT report_id FROM core.pledge_report
    WHERE
        government_id = :government_id
        AND accepted_at <= :as_of AND superseded_at > :as_of
),

newest_register AS (
    SELECT LEFT(submission.sha256, 12) AS register_version
    FROM audit.submission
    WHERE submission.submission_id = (
        SELECT MAX(register_row._submission_id) FROM register_row
    )
)

SELECT
    government.government_id,
    government.government_name,
    government.government_class,
    term.term_number,
    term.start_date AS term_start,
    term.end_date AS term_end,
    calendar.reference_date,
    calendar.voted_year,
    calendar.due_date,
    calendar.grace_date,
    newest_register.register_version,
    ARRAY(
        SELECT own.word
        FROM core.status_word AS own
        WHERE
            own.government_id = :government_id
            AND own.recorded_at <= :as_of AND own.superseded_at > :as_of
        ORDER BY own.word
    ) AS status_words,
    ARRAY(
        SELECT part.name
        FROM (
            VALUES
            (
                'grade',
                EXISTS (
                    SELECT 1
                    FROM known_report
                    INNER JOIN core.fct_quarterly_progress AS progress USING (report_id)
                    WHERE progress.grade_code IS NOT NULL
                )
            ),
            (
                'subproject',
                EXISTS (
                    SELECT 1
                    FROM known_report
                    INNER JOIN core.fct_quarterly_subproject USING (report_id)
                )
            )
        ) AS part (name, is_used)
        WHERE part.is_used
    ) AS used
FROM core.dim_government AS government
CROSS JOIN calendar
INNER JOIN core.dim_term AS term
    ON
        government.government_id = term.government_id
        AND calendar.reference_date BETWEEN term.start_date AND term.end_date
        AND term.recorded_at <= :as_of AND term.superseded_at > :as_of
LEFT JOIN newest_register ON TRUE
WHERE
    government.government_id = :government_id
    AND government.recorded_at <= :as_of AND government.superseded_at > :as_of
ORDER BY term.start_date DESC
LIMIT 1;
