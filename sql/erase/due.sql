-- Each row is one received file whose personal data are to be erased at a moment: received before
-- :before, at the end of its way, and of a quarter whose last day of grace lies before :today. A
-- file without a quarter, or of one without a window, waits for none. The same bytes are one file:
-- all its receipts are due, or none is. Registers stay: they name no officer. A picture that came
-- as it is published stays too: it holds nothing else.
-- Reads audit.submission, audit.batch, audit.erasure, core.submission_window,
-- core.department_window, mart.released_attachment.

WITH department AS (
    SELECT
        government_id,
        quarter_id,
        MAX(grace_date) AS grace_date
    FROM core.department_window
    WHERE superseded_at = 'infinity'
    GROUP BY government_id, quarter_id
),

receipt AS (
    SELECT
        submission.submission_id,
        submission.government_id,
        submission.quarter_id,
        submission.sha256,
        submission.byte_count,
        COALESCE(submission.form_code, '') NOT IN ('register', 'published')
        AND submission.sha256 NOT IN (SELECT shown.sha256 FROM mart.released_attachment AS shown)
        AND submission.received_at < :before
        AND submission.state IN ('loaded', 'rejected', 'withdrawn', 'repeated')
        AND COALESCE(GREATEST(calendar.grace_date, department.grace_date) < :today, TRUE) AS is_due
    FROM audit.submission
    INNER JOIN audit.batch USING (batch_id)
    LEFT JOIN audit.erasure USING (submission_id)
    LEFT JOIN core.submission_window AS calendar
        ON
            submission.government_id = calendar.government_id
            AND submission.quarter_id = calendar.quarter_id
            AND calendar.superseded_at = 'infinity'
    LEFT JOIN department
        ON
            submission.government_id = department.government_id
            AND submission.quarter_id = department.quarter_id
    WHERE batch.purpose <> 'check' AND erasure.submission_id IS NULL
)

SELECT
    submission_id,
    government_id,
    quarter_id,
    sha256,
    byte_count
FROM receipt
WHERE
    NOT EXISTS (
        SELECT 1
        FROM receipt AS other
        WHERE other.sha256 = receipt.sha256 AND NOT other.is_due
    )
ORDER BY submission_id
