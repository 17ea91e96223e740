-- Brings the newest earlier report of one pledge and quarter back into force as a new version.
-- Reports of withdrawn files never come back. Returns the new report and the one it repeats.

WITH earlier AS (
    SELECT report.*
    FROM core.pledge_report AS report
    INNER JOIN audit.submission USING (submission_id)
    WHERE
        report.government_id = :government_id
        AND report.term_number = :term_number
        AND report.pledge_id = :pledge_id
        AND report.quarter_id = :quarter_id
        AND submission.state <> 'withdrawn'
        AND report.reinstates_report_id IS NULL
    ORDER BY report.received_at DESC, submission.sha256 DESC
    LIMIT 1
)

INSERT INTO core.pledge_report (
    government_id, term_number, pledge_id, quarter_id, version, submission_id, received_at,
    accepted_at, is_late, reinstates_report_id
)
SELECT
    earlier.government_id,
    earlier.term_number,
    earlier.pledge_id,
    earlier.quarter_id,
    (
        SELECT MAX(known.version) + 1
        FROM core.pledge_report AS known
        WHERE
            known.government_id = earlier.government_id
            AND known.term_number = earlier.term_number
            AND known.pledge_id = earlier.pledge_id
            AND known.quarter_id = earlier.quarter_id
    ),
    earlier.submission_id,
    earlier.received_at,
    :at,
    earlier.is_late,
    earlier.report_id
FROM earlier
RETURNING report_id, reinstates_report_id
