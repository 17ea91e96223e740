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
    FORMAT('%s년 %s분기', LEFT(quarter_id, 4), RIGHT(quarter_id, 1)) AS label
FROM named
ORDER BY quarter_id DESC
