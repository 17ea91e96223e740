-- Writes the contacts of each new report of a batch, for the general office only.
-- Reads restricted.quarterly_return__contact.

INSERT INTO restricted.contact (
    report_id, entry_number, position_name, person_name, phone, _table, _row
)
SELECT
    report.report_id,
    ROW_NUMBER() OVER (PARTITION BY report.report_id ORDER BY line._table, line._row),
    line.position_name,
    line.person_name,
    line.phone,
    line._table,
    line._row
FROM core.reports_of_batch(:batch_id) AS report
INNER JOIN restricted.quarterly_return__contact AS line USING (submission_id, pledge_id)
