-- Each row is: one sub-task of the last report of one pledge, with what it said.
-- Reads: core.fct_quarterly_subproject, core.pledge_report, core.code_value.
-- Formula: as accepted, in the order of the report.
-- Basis: an invited return starts from the last accepted values.
-- When blank or zero: a report without sub-tasks has no row.
SELECT
    report.pledge_id,
    subproject.subproject_name,
    status.name AS status_name,
    subproject.declared_rate_pct
FROM core.fct_quarterly_subproject AS subproject
INNER JOIN core.pledge_report AS report ON subproject.report_id = report.report_id
LEFT JOIN core.code_value AS status
    ON status.list_code = 'status' AND subproject.status_code = status.code
WHERE subproject.report_id = ANY(CAST(:report_ids AS bigint[]))
ORDER BY report.pledge_id, subproject._table, subproject._row;
