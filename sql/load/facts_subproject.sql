-- Writes what each new report of a batch says of its sub-tasks; a line without a status says
-- nothing.
-- Reads staging.quarterly_return__subproject, core.status_coded; labels become codes.

INSERT INTO core.fct_quarterly_subproject (
    report_id, subproject_name, status_code, declared_rate_pct, _table, _row
)
SELECT
    report.report_id,
    line.subproject_name,
    core.status_coded(report.government_id, line.status) AS status_code,
    line.rate,
    line._table,
    line._row
FROM core.reports_of_batch(:batch_id) AS report
INNER JOIN staging.quarterly_return__subproject AS line USING (submission_id, pledge_id)
WHERE line.status IS NOT NULL
