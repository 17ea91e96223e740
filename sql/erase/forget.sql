-- Erases what the warehouse holds of people from files, and returns how many rows that were: the
-- lines of contacts and annexes, as read and as accepted, who sent the file in, and the words of
-- findings that stand on the sheet of contacts or repeat a name or a phone from there.
-- Writes restricted.quarterly_return__contact, restricted.pledge_card__annex, restricted.contact,
-- restricted.annex, restricted.upload, staging.problem, audit.finding.

WITH report AS (
    SELECT report_id
    FROM core.pledge_report
    WHERE submission_id = ANY(:submission_ids)
),

said AS (
    SELECT
        contact.submission_id,
        word.word
    FROM restricted.quarterly_return__contact AS contact
    CROSS JOIN LATERAL UNNEST(ARRAY[contact.person_name, contact.phone]) AS word (word)
    WHERE contact.submission_id = ANY(:submission_ids) AND LENGTH(word.word) > 1
),

sheet AS (
    SELECT DISTINCT
        submission_id,
        sheet_name
    FROM audit.submission_table
    WHERE submission_id = ANY(:submission_ids) AND table_code = 'contact'
),

contact_read AS (
    DELETE FROM restricted.quarterly_return__contact
    WHERE submission_id = ANY(:submission_ids)
    RETURNING 1
),

annex_read AS (
    DELETE FROM restricted.pledge_card__annex
    WHERE submission_id = ANY(:submission_ids)
    RETURNING 1
),

contact_accepted AS (
    DELETE FROM restricted.contact
    USING report
    WHERE contact.report_id = report.report_id
    RETURNING 1
),

annex_accepted AS (
    DELETE FROM restricted.annex
    USING report
    WHERE annex.report_id = report.report_id
    RETURNING 1
),

uploaded AS (
    DELETE FROM restricted.upload
    USING audit.submission
    WHERE
        upload.source_uri = submission.source_uri
        AND submission.submission_id = ANY(:submission_ids)
    RETURNING 1
),

problem AS (
    UPDATE staging.problem
    SET
        seen = '',
        expected = '',
        pledge_id = (
            SELECT problem.pledge_id
            WHERE NOT EXISTS (
                SELECT 1
                FROM said
                WHERE
                    said.submission_id = problem.submission_id
                    AND POSITION(said.word IN problem.pledge_id) > 0
            )
        )
    WHERE
        problem.submission_id = ANY(:submission_ids)
        AND (
            (problem.submission_id, problem.sheet_name) IN (
                SELECT
                    submission_id,
                    sheet_name
                FROM sheet
            )
            OR EXISTS (
                SELECT 1
                FROM said
                WHERE
                    said.submission_id = problem.submission_id
                    AND POSITION(
                        said.word IN CONCAT(problem.seen, problem.expected, problem.pledge_id)
                    ) > 0
            )
        )
    RETURNING 1
),

finding AS (
    -- Judgements of all moments: what was found before a recheck names people as well.
    UPDATE audit.finding
    SET
        seen = NULL,
        expected = NULL,
        message = :erased,
        pledge_id = (
            SELECT finding.pledge_id
            WHERE NOT EXISTS (
                SELECT 1
                FROM said
                WHERE
                    said.submission_id = finding.submission_id
                    AND POSITION(said.word IN finding.pledge_id) > 0
            )
        )
    WHERE
        finding.submission_id = ANY(:submission_ids)
        AND finding.superseded_at IS NOT NULL
        AND (
            (finding.submission_id, finding.sheet_name) IN (
                SELECT
                    submission_id,
                    sheet_name
                FROM sheet
            )
            OR EXISTS (
                SELECT 1
                FROM said
                WHERE
                    said.submission_id = finding.submission_id
                    AND POSITION(
                        said.word IN CONCAT(
                            finding.seen, finding.expected, finding.message, finding.pledge_id
                        )
                    ) > 0
            )
        )
    RETURNING 1
),

changed AS (
    SELECT 1 FROM contact_read
    UNION ALL
    SELECT 1 FROM annex_read
    UNION ALL
    SELECT 1 FROM contact_accepted
    UNION ALL
    SELECT 1 FROM annex_accepted
    UNION ALL
    SELECT 1 FROM uploaded
    UNION ALL
    SELECT 1 FROM problem
    UNION ALL
    SELECT 1 FROM finding
)

SELECT COUNT(*) AS erased_rows FROM changed
