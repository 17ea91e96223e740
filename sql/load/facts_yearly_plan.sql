-- Writes the yearly plan of each new report of a batch, in the order of the document.
-- Reads staging.pledge_card__yearly_plan.

INSERT INTO core.yearly_plan (
    report_id, entry_number, subproject_name, first_year, last_year, is_pre_term, is_post_term,
    content, _table, _row
)
SELECT
    report.report_id,
    ROW_NUMBER() OVER (PARTITION BY report.report_id ORDER BY line._table, line._row),
    line.subproject_name,
    line.first_year,
    line.last_year,
    line.is_pre_term,
    line.is_post_term,
    line.content,
    line._table,
    line._row
FROM core.reports_of_batch(:batch_id) AS report
INNER JOIN staging.pledge_card__yearly_plan AS line USING (submission_id, pledge_id)
