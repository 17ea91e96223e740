-- Each row is one of :hashes whose file is in force as it stands, so that its bytes are no news.
-- A card does not say its quarter, nor a file of published values its government: whether it is
-- news shows once that is decided.
-- Reads audit.submission, core.is_wholly_in_force.

SELECT DISTINCT submission.sha256
FROM audit.submission
WHERE
    submission.sha256 = ANY(:hashes)
    AND submission.form_code NOT IN ('pledge_card', 'published', 'attachment')
    AND core.is_wholly_in_force(submission.submission_id)
