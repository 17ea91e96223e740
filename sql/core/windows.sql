-- Each row is one quarter of one government's calendar, as known now.
-- Reads core.submission_window.

SELECT
    submission_window.government_id,
    submission_window.quarter_id,
    submission_window.start_date,
    submission_window.due_date,
    submission_window.grace_date
FROM core.submission_window
WHERE submission_window.superseded_at = 'infinity'
ORDER BY submission_window.government_id, submission_window.quarter_id
