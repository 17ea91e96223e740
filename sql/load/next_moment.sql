-- One row: the moment at which the checked files of a batch are accepted, which is :at, or right
-- after the last report that they replace or stand beside was accepted, where that is later.
-- Reads core.pledge_report, audit.pledge_verdict, audit.submission.

SELECT
    GREATEST(
        CAST(:at AS timestamptz), MAX(report.accepted_at) + interval '1 microsecond'
    ) AS moment
FROM audit.submission
INNER JOIN audit.pledge_verdict USING (submission_id)
INNER JOIN core.pledge_report AS report
    ON
        submission.government_id = report.government_id
        AND submission.term_number = report.term_number
        AND submission.quarter_id = report.quarter_id
        AND pledge_verdict.pledge_id = report.pledge_id
WHERE
    submission.batch_id = :batch_id
    AND submission.state = 'checked'
    AND pledge_verdict.verdict = 'accepted'
    AND pledge_verdict.superseded_at = 'infinity'
