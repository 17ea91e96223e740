-- Each row is one file whose personal data are erased, in the order of arrival.
-- Reads audit.erasure, audit.submission.

SELECT
    erasure.submission_id,
    submission.government_id,
    submission.quarter_id,
    submission.file_name,
    erasure.sha256,
    erasure.byte_count,
    erasure.erased_at,
    erasure.personal_data_days
FROM audit.erasure
INNER JOIN audit.submission USING (submission_id)
ORDER BY erasure.submission_id
