-- One row: what a warehouse holds, in numbers that a restored one must have again. A quarter is one
-- of a government with an accepted report. Reads audit.submission, audit.event, audit.release,
-- core.dim_government, core.pledge_report.

WITH governments AS (
    SELECT COUNT(DISTINCT government_id) AS governments
    FROM core.dim_government
),

reported AS (
    SELECT DISTINCT
        government_id,
        quarter_id
    FROM core.pledge_report
),

quarters AS (
    SELECT COUNT(*) AS quarters
    FROM reported
),

submissions AS (
    SELECT COUNT(*) AS submissions
    FROM audit.submission
),

releases AS (
    SELECT COUNT(*) AS releases
    FROM audit.release
    WHERE decision = 'approved'
),

events AS (
    SELECT COUNT(*) AS events
    FROM audit.event
)

SELECT
    governments.governments,
    quarters.quarters,
    submissions.submissions,
    releases.releases,
    events.events
FROM governments
CROSS JOIN quarters
CROSS JOIN submissions
CROSS JOIN releases
CROSS JOIN events
