-- Each row is one quarter that a calendar or a report names, newest first.
-- Reads core.submission_window, core.pledge_report.

WITH named AS (
    SELECT quarter_id FROM core.submission_window
    WHERE superseded_at = 'infinity'
    UNION
    SELECT quarter_id FROM core.pledge_report
)

SELECT
    quarter_id AS value,
    core.quarter_title(quarter_id) AS label
FROM named
ORDER BY core.quarter_last_day(quarter_id) DESC, quarter_id DESC
