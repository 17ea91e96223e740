-- Each row is one thing that happened to a government's files or waivers by :as_of: the kind of the
-- journal's event that tells of it, and the number of the submission or the waiver.
-- Reads audit.submission, audit.batch, audit.waiver. What a register brought is in the register.

WITH file AS (
    SELECT submission.*
    FROM audit.submission
    INNER JOIN audit.batch ON submission.batch_id = batch.batch_id
    WHERE
        batch.purpose <> 'check'
        AND submission.government_id = :government_id
        AND submission.received_at <= :as_of
),

decided AS (
    SELECT waiver.*
    FROM audit.waiver
    WHERE
        waiver.government_id = :government_id
        AND waiver._submission_id IS NULL
        AND waiver.recorded_at <= :as_of
)

SELECT
    'receipt' AS kind,
    submission_id AS number
FROM file
UNION ALL
SELECT
    'acceptance' AS kind,
    submission_id AS number
FROM file
WHERE loaded_at <= :as_of
UNION ALL
SELECT
    'withdrawal' AS kind,
    submission_id AS number
FROM file
WHERE withdrawn_at <= :as_of
UNION ALL
SELECT
    'waiver' AS kind,
    waiver_id AS number
FROM decided
UNION ALL
SELECT
    'waiver_end' AS kind,
    waiver_id AS number
FROM decided
WHERE superseded_at <= :as_of
