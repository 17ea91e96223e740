-- Writes the annexes of each new report of a batch, for the general office only: they may name
-- people. Reads restricted.pledge_card__annex.

INSERT INTO restricted.annex (report_id, entry_number, content, _table, _row)
SELECT
    report.report_id,
    ROW_NUMBER() OVER (PARTITION BY report.report_id ORDER BY line._table, line._row),
    line.content,
    line._table,
    line._row
FROM core.pledge_report AS report
INNER JOIN audit.submission
    ON report.submission_id = submission.submission_id AND submission.batch_id = :batch_id
INNER JOIN restricted.pledge_card__annex AS line
    ON report.submission_id = line.submission_id AND report.pledge_id = line.pledge_id
