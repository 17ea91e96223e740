-- Each row is one term of a government's register (one without a term where there is none), with
-- when the register was first recorded, and whether the calendar or a report names the quarter.
-- Reads core.dim_government, core.dim_term, core.submission_window, core.pledge_report.

SELECT
    term.term_number,
    term.start_date,
    term.end_date,
    first_record.first_recorded_at,
    EXISTS (
        SELECT 1
        FROM core.submission_window AS known_window
        WHERE
            known_window.government_id = :government_id
            AND known_window.quarter_id = :quarter_id
            AND known_window.superseded_at = 'infinity'
    )
    OR EXISTS (
        SELECT 1
        FROM core.pledge_report AS report
        WHERE report.government_id = :government_id AND report.quarter_id = :quarter_id
    ) AS is_named
FROM (
    SELECT MIN(recorded_at) AS first_recorded_at
    FROM core.dim_government
    WHERE government_id = :government_id
) AS first_record
LEFT JOIN core.dim_term AS term
    ON term.government_id = :government_id AND term.superseded_at = 'infinity'
ORDER BY term.start_date
