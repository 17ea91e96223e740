-- Each row is: one sub-task that the report in force of a pledge gives a status of its own.
-- Reads: temp table pledge_status; core.fct_quarterly_subproject, core.code_value.
-- Formula: the sub-tasks of the report in force, carried forward with it; they count under their
--     pledge and are never added to pledges.
-- Basis: design §7, report in force.
-- When blank or zero: a pledge whose report says nothing of sub-tasks has no row.
SELECT
    status.quarter_id,
    status.government_id,
    status.term_number,
    status.pledge_id,
    status.pledge_name,
    status.field_name,
    status.department_code,
    status.department_name,
    CAST(ROW_NUMBER() OVER (
        PARTITION BY status.pledge_id ORDER BY subproject._table, subproject._row
    ) AS integer) AS subproject_number,
    subproject.subproject_name,
    subproject.status_code,
    known.name AS status_name,
    subproject.declared_rate_pct AS subproject_rate_pct,
    status.report_state,
    status.reported_quarter_id
FROM pledge_status AS status
INNER JOIN core.fct_quarterly_subproject AS subproject
    ON status._report_id = subproject.report_id
INNER JOIN core.code_value AS known
    ON known.list_code = 'status' AND subproject.status_code = known.code
