-- Each row is one file that has no answer because of a fault of ours, fewer than :most_tries times
-- in this version of the code. Reads audit.fault, audit.submission.

SELECT submission.submission_id
FROM audit.submission
INNER JOIN audit.fault USING (submission_id)
WHERE
    submission.answer_path IS NULL
    AND fault.stage = 'answer'
GROUP BY submission.submission_id
HAVING COUNT(*) FILTER (WHERE fault.code_version = :code_version) < :most_tries
ORDER BY submission.submission_id
