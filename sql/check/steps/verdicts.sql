-- Writes one verdict for each pledge of 공약현황 of every return in the batch, from :recorded_at on.
-- A money line whose pledge is not named could belong to any: it stops every pledge of its file
-- that has money or should have some. What stops a file as a whole stops every pledge in it. A
-- finding that a waiver sets aside stops nothing.

WITH finding AS (
    SELECT known.*
    FROM audit.finding AS known
    INNER JOIN checked__submission USING (submission_id)
    WHERE NOT known.is_shadow AND known.waiver_id IS NULL AND known.superseded_at = 'infinity'
),

rejected AS (
    SELECT DISTINCT submission_id FROM finding
    WHERE level = 'reject_file'
),

blocked AS (
    SELECT DISTINCT
        submission_id,
        pledge_id
    FROM finding
    WHERE level = 'block_pledge' AND pledge_id IS NOT NULL
    UNION
    SELECT DISTINCT
        finding.submission_id,
        pledge.pledge_id
    FROM finding
    INNER JOIN checked__pledge AS pledge
        ON
            finding.submission_id = pledge.submission_id
            AND (pledge.has_money OR pledge.budget_class_code IS DISTINCT FROM 'NO_BUDGET')
    WHERE
        finding.level = 'block_pledge'
        AND finding.pledge_id IS NULL
        AND finding.table_code = 'budget'
    UNION
    SELECT
        finding.submission_id,
        line.pledge_id
    FROM finding
    INNER JOIN checked__progress AS line USING (submission_id)
    WHERE
        finding.level = 'block_pledge'
        AND finding.pledge_id IS NULL
        AND finding.sheet_name IS NULL
        AND finding._table IS NULL
),

unexplained AS (
    SELECT DISTINCT
        submission_id,
        pledge_id
    FROM finding
    WHERE level = 'acknowledge' AND acknowledged_reason IS NULL
)

INSERT INTO audit.pledge_verdict (submission_id, pledge_id, verdict, recorded_at)
SELECT
    pledge.submission_id,
    pledge.pledge_id,
    CASE
        WHEN rejected.submission_id IS NOT NULL OR blocked.pledge_id IS NOT NULL THEN 'blocked'
        WHEN unexplained.pledge_id IS NOT NULL THEN 'needs_reason'
        ELSE 'accepted'
    END AS verdict,
    CAST(:recorded_at AS timestamptz) AS recorded_at
FROM (
    SELECT DISTINCT
        submission_id,
        pledge_id
    FROM checked__progress
    WHERE pledge_id IS NOT NULL
) AS pledge
LEFT JOIN rejected USING (submission_id)
LEFT JOIN blocked USING (submission_id, pledge_id)
LEFT JOIN unexplained USING (submission_id, pledge_id)
