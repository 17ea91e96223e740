-- Writes one report for each accepted pledge of the checked files in a batch.
-- Within a batch the newest receipt wins, ties by sha256; the others are kept as versions that were
-- in force at no time. A report still in force was received later than the file, and stays.

WITH candidate AS (
    SELECT
        submission.submission_id,
        submission.government_id,
        submission.term_number,
        submission.quarter_id,
        submission.received_at,
        submission.is_late,
        pledge_verdict.pledge_id,
        ROW_NUMBER() OVER oldest_first AS step,
        ROW_NUMBER() OVER newest_first AS reverse_step
    FROM audit.submission
    INNER JOIN audit.pledge_verdict USING (submission_id)
    WHERE
        submission.batch_id = :batch_id
        AND submission.state = 'checked'
        AND submission.form_code <> 'register'
        AND pledge_verdict.verdict = 'accepted'
        AND pledge_verdict.superseded_at = 'infinity'
    WINDOW
        rival AS (
            PARTITION BY
                submission.government_id, submission.term_number, submission.quarter_id,
                pledge_verdict.pledge_id
        ),
        oldest_first AS (rival ORDER BY submission.received_at, submission.sha256),
        newest_first AS (rival ORDER BY submission.received_at DESC, submission.sha256 DESC)
)

INSERT INTO core.pledge_report (
    government_id, term_number, pledge_id, quarter_id, version, submission_id, received_at,
    accepted_at, superseded_at, is_late
)
SELECT
    candidate.government_id,
    candidate.term_number,
    candidate.pledge_id,
    candidate.quarter_id,
    COALESCE(known.version, 0) + candidate.step,
    candidate.submission_id,
    candidate.received_at,
    :at,
    CASE
        WHEN candidate.reverse_step = 1 AND NOT COALESCE(known.is_held, FALSE)
            THEN CAST('infinity' AS timestamptz)
    END,
    candidate.is_late
FROM candidate
LEFT JOIN LATERAL (
    SELECT
        MAX(report.version) AS version,
        BOOL_OR(report.superseded_at = 'infinity') AS is_held
    FROM core.pledge_report AS report
    WHERE
        report.government_id = candidate.government_id
        AND report.term_number = candidate.term_number
        AND report.quarter_id = candidate.quarter_id
        AND report.pledge_id = candidate.pledge_id
) AS known ON TRUE
