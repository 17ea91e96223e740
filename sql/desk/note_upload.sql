-- Writes who sends a file in; the same one again changes nothing.
-- Writes restricted.upload.

INSERT INTO restricted.upload (
    upload_token, user_name, government_id, department_code, quarter_id, file_name, sha256,
    source_uri, sent_at
)
VALUES (
    :upload_token, :user_name, :government_id, :department_code, :quarter_id, :file_name, :sha256,
    :source_uri, :sent_at
)
ON CONFLICT (upload_token) DO NOTHING
