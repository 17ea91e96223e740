-- Each row is one file that has come to its end and has no answer: its run broke off, or a fault of
-- ours prevented it fewer than :most_tries times in this version of the code.
-- A file whose personal data are erased is answered no more.
-- Reads audit.submission, audit.batch, audit.fault, audit.erasure.

SELECT
    submission.submission_id,
    submission.batch_id
FROM audit.submission
INNER JOIN audit.batch USING (batch_id)
WHERE
    submission.answer_path IS NULL
    AND submission.state IN ('loaded', 'rejected', 'repeated', 'withdrawn')
    AND batch.purpose <> 'check'
    AND NOT EXISTS (
        SELECT 1
        FROM audit.erasure
        WHERE erasure.submission_id = submission.submission_id
    )
    AND (
        SELECT COUNT(*)
        FROM audit.fault
        WHERE
            fault.submission_id = submission.submission_id
            AND fault.stage = 'answer'
            AND fault.code_version = :code_version
    ) < :most_tries
ORDER BY submission.submission_id
