-- Writes the cooperating bodies of each new report of a batch, in the order of the sheet.
-- Reads staging.quarterly_return__cooperation.

INSERT INTO core.cooperation (
    report_id, entry_number, role_name, body_name, content, _table, _row
)
SELECT
    report.report_id,
    ROW_NUMBER() OVER (PARTITION BY report.report_id ORDER BY line._table, line._row),
    line.role_name,
    line.body_name,
    line.content,
    line._table,
    line._row
FROM core.reports_of_batch(:batch_id) AS report
INNER JOIN staging.quarterly_return__cooperation AS line USING (submission_id, pledge_id)
