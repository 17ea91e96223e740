-- Writes the achievements of each new report of a batch, in the order of the sheet. A card says
-- under which quarter each stands.
-- Reads staging.quarterly_return__achievement, staging.pledge_card__achievement_quarter.

INSERT INTO core.achievement (
    report_id, entry_number, achieved_on, content, quarter_id, _table, _row
)
SELECT
    report.report_id,
    ROW_NUMBER() OVER (PARTITION BY report.report_id ORDER BY line._table, line._row),
    line.achieved_on,
    line.content,
    under.quarter_id,
    line._table,
    line._row
FROM core.reports_of_batch(:batch_id) AS report
INNER JOIN staging.quarterly_return__achievement AS line USING (submission_id, pledge_id)
LEFT JOIN staging.pledge_card__achievement_quarter AS under
    USING (submission_id, _table, _row)
