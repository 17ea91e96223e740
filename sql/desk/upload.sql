-- One row: what was sent in under a token, and by whom; none where nothing was.
-- Reads restricted.upload.

SELECT
    upload_token,
    user_name,
    government_id,
    department_code,
    quarter_id,
    file_name,
    sha256,
    source_uri,
    sent_at
FROM restricted.upload
WHERE upload_token = :upload_token
