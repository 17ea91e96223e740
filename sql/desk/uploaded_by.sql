-- Each row is one file, of those asked for, that a user sent in.
-- Reads audit.submission, restricted.upload.

SELECT submission.submission_id
FROM audit.submission
INNER JOIN restricted.upload ON submission.source_uri = upload.source_uri
WHERE submission.submission_id = :submission_id AND upload.user_name = :user_name
