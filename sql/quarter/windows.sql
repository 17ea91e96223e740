-- Each row is one quarter of one government's calendar, as known now; the last dates are those of
-- the department that has the most time.
-- Reads core.submission_window, core.department_window.

SELECT
    submission_window.government_id,
    submission_window.quarter_id,
    submission_window.start_date,
    submission_window.due_date,
    submission_window.grace_date,
    GREATEST(submission_window.due_date, MAX(department_window.due_date)) AS last_due_date,
    GREATEST(submission_window.grace_date, MAX(department_window.grace_date)) AS last_grace_date
FROM core.submission_window
LEFT JOIN core.department_window
    ON
        submission_window.government_id = department_window.government_id
        AND submission_window.quarter_id = department_window.quarter_id
        AND department_window.superseded_at = 'infinity'
WHERE submission_window.superseded_at = 'infinity'
GROUP BY
    submission_window.government_id,
    submission_window.quarter_id,
    submission_window.start_date,
    submission_window.due_date,
    submission_window.grace_date
ORDER BY
    submission_window.government_id,
    core.quarter_last_day(submission_window.quarter_id),
    submission_window.quarter_id
