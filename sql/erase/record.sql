-- Writes down that the personal data of files are erased. Writes audit.erasure.

INSERT INTO audit.erasure (submission_id, sha256, byte_count, erased_at, personal_data_days)
SELECT
    submission_id,
    sha256,
    byte_count,
    :at,
    :days
FROM audit.submission
WHERE submission_id = ANY(:submission_ids)
