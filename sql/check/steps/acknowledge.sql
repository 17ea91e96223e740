-- Answers the findings that only need a reason: by 정정사유 on the pledge's row, by 사유 in the
-- answer that came back, or by a reason given earlier for the same value at the same place. A text
-- that gives no reason (core.is_filler) answers nothing, and the message says so.

WITH open_finding AS (
    SELECT
        finding.finding_id,
        finding.submission_id,
        finding.pledge_id,
        finding.fingerprint
    FROM audit.finding
    INNER JOIN checked__submission USING (submission_id)
    WHERE finding.level = 'acknowledge' AND finding.superseded_at = 'infinity'
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
    WHERE earlier.acknowledged_reason IS NOT NULL AND earlier.superseded_at = 'infinity'
),

judged AS (
    SELECT
        given.*,
        core.is_filler(given.reason) AS is_filler
    FROM given
),

chosen AS (
    SELECT DISTINCT ON (finding_id)
        finding_id,
        reason,
        is_filler
    FROM judged
    ORDER BY finding_id ASC, is_filler ASC, rank_number ASC
)

UPDATE audit.finding
SET
    acknowledged_reason = CASE WHEN NOT chosen.is_filler THEN chosen.reason END,
    message = finding.message || CASE
        WHEN chosen.is_filler
            THEN
                FORMAT(
                    ' 적어 주신 사유(%s)로는 까닭을 알 수 없습니다. 무엇이 왜 그런지 적어 주십시오.',
                    LEFT(chosen.reason, 20)
                )
        ELSE ''
    END
FROM chosen
WHERE finding.finding_id = chosen.finding_id
