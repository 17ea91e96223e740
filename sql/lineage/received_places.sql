-- Each row is: one file of a batch, where it came from and what the archive calls it.
-- Reads: audit.submission.
SELECT DISTINCT
    source_uri,
    sha256
FROM audit.submission
WHERE batch_id = :batch_id
ORDER BY source_uri, sha256
