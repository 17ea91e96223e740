-- Each row is: one cooperating body of the last report of one pledge.
-- Reads: core.cooperation, core.pledge_report.
-- Formula: as accepted, in the order of the report.
-- Basis: an invited return starts from the last accepted values.
-- When blank or zero: a report without cooperating bodies has no row.
SELECT
    report.pledge_id,
    cooperation.role_name,
    cooperation.body_name,
    cooperation.content
FROM core.cooperation
INNER JOIN core.pledge_report AS report ON cooperation.report_id = report.report_id
WHERE cooperation.report_id = ANY(CAST(:report_ids AS bigint[]))
ORDER BY report.pledge_id, cooperation.entry_number;
