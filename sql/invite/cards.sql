-- Each row is: one pledge of the term whose newest card, up to :quarter_id by 기준일, says what the
--     pledge is for, with what that card plans.
-- Reads: core.pledge_report, core.pledge_card, core.yearly_plan.
-- Formula: the newest accepted report that came as a card, in force at :as_of; a workbook that came
--     after it says nothing of these texts, so they still hold.
-- Basis: domain §5, the sections of a card.
-- When blank or zero: a pledge that never reported by card has no row; without a plan the lists are
--     empty. The ends of a plan are a fiscal year, pre_term or post_term.
WITH newest AS (
    SELECT DISTINCT ON (report.pledge_id)
        report.pledge_id,
        report.report_id,
        card.goal,
        card.overview
    FROM core.pledge_report AS report
    INNER JOIN core.pledge_card AS card ON report.report_id = card.report_id
    WHERE
        report.government_id = :government_id
        AND report.term_number = :term_number
        AND (
            report.quarter_id = :quarter_id
            OR core.reference_date(report.government_id, report.quarter_id, :as_of)
            <= CAST(:reference_date AS date)
        )
        AND report.accepted_at <= :as_of
        AND report.superseded_at > :as_of
    ORDER BY
        report.pledge_id ASC,
        core.reference_date(report.government_id, report.quarter_id, :as_of) DESC,
        report.received_at DESC
)

SELECT
    newest.pledge_id,
    newest.goal,
    newest.overview,
    ARRAY_AGG(plan.subproject_name ORDER BY plan.entry_number)
    FILTER (WHERE plan.content IS NOT NULL) AS subproject_names,
    ARRAY_AGG(
        CASE
            WHEN plan.is_pre_term THEN 'pre_term'
            ELSE COALESCE(CAST(plan.first_year AS text), 'post_term')
        END
        ORDER BY plan.entry_number
    ) FILTER (WHERE plan.content IS NOT NULL) AS first_years,
    ARRAY_AGG(
        CASE
            WHEN plan.is_post_term THEN 'post_term'
            ELSE COALESCE(CAST(plan.last_year AS text), 'pre_term')
        END
        ORDER BY plan.entry_number
    ) FILTER (WHERE plan.content IS NOT NULL) AS last_years,
    ARRAY_AGG(plan.content ORDER BY plan.entry_number)
    FILTER (WHERE plan.content IS NOT NULL) AS contents
FROM newest
LEFT JOIN core.yearly_plan AS plan ON newest.report_id = plan.report_id
GROUP BY newest.pledge_id, newest.goal, newest.overview
