-- Each row is one government and quarter whose marts some batches may have changed: the quarters of
-- their accepted reports, and those computed before whose 기준일 is not before theirs; a register
-- touches all, and so does its sheet 공표값. last_accepted_at is when the newest report of the
-- quarter was accepted.
-- Reads audit.submission, mart.pledge_status, core.pledge_report.

WITH file AS (
    SELECT
        submission.government_id,
        submission.form_code,
        submission.quarter_id
    FROM audit.submission
    WHERE
        submission.batch_id = ANY(:batch_ids)
        AND submission.state IN ('loaded', 'withdrawn')
),

touched AS (
    SELECT
        file.government_id,
        file.quarter_id
    FROM file
    WHERE file.form_code NOT IN ('register', 'published') AND file.quarter_id IS NOT NULL
    UNION
    SELECT
        file.government_id,
        pledge_status.quarter_id
    FROM file
    INNER JOIN mart.pledge_status
        ON
            file.government_id = pledge_status.government_id
            AND (
                file.form_code IN ('register', 'published')
                OR core.reference_date(file.government_id, file.quarter_id)
                <= pledge_status.as_of_date
            )
)

SELECT
    touched.government_id,
    touched.quarter_id,
    (
        SELECT MAX(report.accepted_at)
        FROM core.pledge_report AS report
        WHERE
            report.government_id = touched.government_id
            AND report.quarter_id = touched.quarter_id
    ) AS last_accepted_at
FROM touched
ORDER BY touched.government_id, core.quarter_last_day(touched.quarter_id), touched.quarter_id
