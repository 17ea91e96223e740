-- Answers the findings that only need a reason: by 정정사유 on the pledge's row, by 사유 in the
-- answer that came back, or by a reason given earlier for the same value at the same place.

WITH open_finding AS (
    SELECT
        finding.finding_id,
        finding.submission_id,
        finding.pledge_id,
        finding.fingerprint
    FROM audit.finding
    INNER JOIN staging.checked__submission USING (submission_id)
    WHERE finding.level = 'acknowledge'
),

given AS (
    SELECT
        open_finding.finding_id,
        1 AS rank_number,
        line.correction_reason AS reason
    FROM open_finding
    INNER JOIN staging.quarterly_return__progress AS line USING (submission_id, pledge_id)
    WHERE line.correction_reason ~ '\S'
    UNION ALL
    SELECT
        open_finding.finding_id,
        2 AS rank_number,
        answer.reason
    FROM open_finding
    INNER JOIN staging.quarterly_return__reason AS answer USING (submission_id, fingerprint)
    WHERE answer.reason ~ '\S'
    UNION ALL
    SELECT
        open_finding.finding_id,
        3 AS rank_number,
        earlier.acknowledged_reason AS reason
    FROM open_finding
    INNER JOIN audit.finding AS earlier USING (fingerprint)
    INNER JOIN audit.submission AS earlier_file
        ON earlier.submission_id = earlier_file.submission_id AND earlier_file.state = 'loaded'
    WHERE earlier.acknowledged_reason IS NOT NULL
),

chosen AS (
    SELECT DISTINCT ON (finding_id)
        finding_id,
        reason
    FROM given
    ORDER BY finding_id, rank_number
)

UPDATE audit.finding
SET acknowledged_reason = chosen.reason
FROM chosen
WHERE finding.finding_id = chosen.finding_id
