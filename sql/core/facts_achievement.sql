-- Writes the achievements of each new report of a batch, in the order of the sheet.
-- Reads staging.quarterly_return__achievement.

INSERT INTO core.achievement (report_id, entry_number, achieved_on, content, _table, _row)
SELECT
    report.report_id,
    ROW_NUMBER() OVER (PARTITION BY report.report_id ORDER BY line._table, line._row),
    line.achieved_on,
    line.content,
    line._table,
    line._row
FROM core.pledge_report AS report
INNER JOIN audit.submission
    ON report.submission_id = submission.submission_id AND submission.batch_id = :batch_id
INNER JOIN staging.quarterly_return__achievement AS line
    ON report.submission_id = line.submission_id AND report.pledge_id = line.pledge_id
