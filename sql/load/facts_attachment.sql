-- Writes the pictures that each new report of a batch names, with their words, in the order of the
-- sheet: the first ten (A-03 tells of more). Reads staging.quarterly_return__attachment.

INSERT INTO core.attachment (report_id, entry_number, file_name, description, _table, _row)
SELECT *
FROM (
    SELECT
        report.report_id,
        ROW_NUMBER() OVER (PARTITION BY report.report_id ORDER BY line._table, line._row)
            AS entry_number,
        line.file_name,
        line.description,
        line._table,
        line._row
    FROM core.reports_of_batch(:batch_id) AS report
    INNER JOIN staging.quarterly_return__attachment AS line USING (submission_id, pledge_id)
    WHERE line.file_name ~ '[[:alnum:]]' AND line.description ~ '[[:alnum:]]'
) AS named
WHERE entry_number <= 10
