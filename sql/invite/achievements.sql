-- Each row is: one entry of 추진실적 of one pledge, in one period of the term up to the one asked,
--     by 기준일.
-- Reads: core.pledge_report, core.achievement, core.fct_quarterly_progress.
-- Formula: of the report in force of each quarter, by period; entries without a day come first,
--     then the order of the report.
-- Basis: a card tells quarter by quarter what was achieved.
-- When blank or zero: a report without entries has its 추진내용 for one; without that, no row.
WITH entry AS (
    SELECT
        report.pledge_id,
        report.quarter_id,
        achievement.entry_number,
        achievement.achieved_on,
        CASE
            WHEN achievement.report_id IS NULL THEN progress.content ELSE achievement.content
        END AS content
    FROM core.pledge_report AS report
    LEFT JOIN core.achievement AS achievement ON report.report_id = achievement.report_id
    LEFT JOIN core.fct_quarterly_progress AS progress ON report.report_id = progress.report_id
    WHERE
        report.government_id = :government_id
        AND report.term_number = :term_number
        AND (
            report.quarter_id = :quarter_id
            OR core.reference_date(report.government_id, report.quarter_id, :as_of)
            <= CAST(:reference_date AS date)
        )
        AND report.accepted_at <= :as_of AND report.superseded_at > :as_of
)

SELECT
    pledge_id,
    quarter_id,
    achieved_on,
    content
FROM entry
WHERE achieved_on IS NOT NULL OR content IS NOT NULL
ORDER BY
    pledge_id, core.quarter_last_day(quarter_id), core.quarter_months(quarter_id), quarter_id,
    achieved_on IS NOT NULL, entry_number;
