-- Each row is: one text of the report in force of a pledge.
-- Reads: temp tables pledge_status and computed_quarter (one row); core.report_text.
-- Formula: none, as written.
-- Basis: a report that is carried forward keeps its quarter in reported_quarter_id.
-- When blank or zero: no row for a blank text, nor for one of signs alone.
SELECT
    status.quarter_id,
    status.government_id,
    computed.government_name,
    status.pledge_id,
    status.pledge_name,
    status.field_name,
    said.kind_code,
    said.kind_name,
    said.entry_number,
    said.subproject_name,
    said.label,
    said.content,
    status.reported_quarter_id
FROM pledge_status AS status
CROSS JOIN computed_quarter AS computed
INNER JOIN core.report_text AS said ON status._report_id = said.report_id
