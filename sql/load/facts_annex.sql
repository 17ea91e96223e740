-- Writes the annexes of each new report of a batch, for the general office only: they may name
-- people. Reads restricted.pledge_card__annex.

INSERT INTO restricted.annex (report_id, entry_number, content, _table, _row)
SELECT
    report.report_id,
    ROW_NUMBER() OVER (PARTITION BY report.report_id ORDER BY line._table, line._row),
    line.content,
    line._table,
    line._row
FROM core.reports_of_batch(:batch_id) AS report
INNER JOIN restricted.pledge_card__annex AS line USING (submission_id, pledge_id)
