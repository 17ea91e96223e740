-- Each row is: one official named in the last report of one pledge.
-- Reads: restricted.contact, core.pledge_report.
-- Formula: as accepted, in the order of the report.
-- Basis: names go back to the department that gave them, and nowhere else.
-- When blank or zero: a report without officials has no row.
SELECT
    report.pledge_id,
    contact.position_name,
    contact.person_name,
    contact.phone
FROM restricted.contact
INNER JOIN core.pledge_report AS report ON contact.report_id = report.report_id
WHERE contact.report_id = ANY(CAST(:report_ids AS bigint[]))
ORDER BY report.pledge_id, contact.entry_number;
