-- Each row is: one pledge that owes a report, the department that files it, and what was last
--     accepted about it.
-- Reads: core.pledges_in_force, core.department_of_record, core.pledge_report,
--     core.fct_quarterly_progress, core.code_value.
-- Formula: in force on 기준일 and not 완료확정, 폐기 or 통합 on or before it; the first owner files,
--     its successors followed to 기준일; the last report is that of core.reports_until.
-- Basis: definitions of "pledge in force", "owes a report" and "report in force".
-- When blank or zero: without a report the last values are NULL; a department that the register
--     does not list keeps its code as its name.
WITH owing AS (
    SELECT (known.pledge).*
    FROM
        core.pledges_in_force(
            :government_id, CAST(:term_number AS integer), CAST(:reference_date AS date), :as_of
        ) AS known
    WHERE NOT known.is_closed
),

last_report AS (
    SELECT
        report.report_id,
        owing.pledge_id,
        report.quarter_id
    FROM owing
    INNER JOIN LATERAL core.reports_until(
        :government_id, CAST(:term_number AS integer), owing.pledge_id, :quarter_id,
        CAST(:reference_date AS date), CAST(:as_of AS timestamptz)
    ) AS report ON report.place = 1
)

SELECT
    filing.department_code,
    owing.pledge_id,
    owing.pledge_name,
    owing.cooperating,
    owing.project_type,
    owing.budget_class_code,
    owing.declared_total_krw,
    due.name AS due_name,
    owing.due_year,
    last_report.report_id,
    last_report.quarter_id AS last_quarter_id,
    status.name AS status_name,
    progress.declared_rate_pct,
    met.name AS target_name,
    progress.content,
    progress.problem,
    progress.plan,
    filing.department_name,
    grade.name AS grade_name
FROM owing
CROSS JOIN
    LATERAL core.department_of_record(
        :government_id, owing.department_codes[1], CAST(:reference_date AS date), :as_of
    ) AS filing
LEFT JOIN last_report ON owing.pledge_id = last_report.pledge_id
LEFT JOIN core.fct_quarterly_progress AS progress
    ON last_report.report_id = progress.report_id
LEFT JOIN core.code_value AS status
    ON status.list_code = 'status' AND progress.status_code = status.code
LEFT JOIN core.code_value AS met
    ON
        met.list_code = 'target'
        AND met.code = CASE WHEN progress.is_target_met THEN 'MET' ELSE 'NOT_MET' END
        AND progress.is_target_met IS NOT NULL
LEFT JOIN core.code_value AS grade
    ON grade.list_code = 'grade' AND progress.grade_code = grade.code
LEFT JOIN core.code_value AS due
    ON due.list_code = 'due' AND owing.due_code = due.code
ORDER BY filing.department_code, owing._row, owing.pledge_id;
