-- Each row is one file of a collection that no department or no quarter could be told for, newest
-- first.
-- Reads audit.submission, audit.batch; what was received until :as_of.

SELECT
    submission.submission_id,
    submission.file_name,
    submission.received_at,
    submission.answer_path
FROM audit.submission
INNER JOIN audit.batch USING (batch_id)
WHERE
    batch.purpose = 'collect'
    AND submission.state = 'rejected'
    AND (submission.quarter_id IS NULL OR submission.department_code IS NULL)
    AND submission.received_at <= :as_of
ORDER BY submission.received_at DESC
