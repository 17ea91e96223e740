-- Writes what a card says beyond a return for each new report of a batch.
-- Reads staging.pledge_card__header.

INSERT INTO core.pledge_card (
    report_id, department_name, declared_total_krw, project_type, newest_quarter_id, goal, overview,
    _table, _row
)
SELECT
    report.report_id,
    line.department_name,
    line.declared_total,
    line.project_type,
    line.newest_quarter_id,
    line.goal,
    line.overview,
    line._table,
    line._row
FROM core.reports_of_batch(:batch_id) AS report
INNER JOIN staging.pledge_card__header AS line USING (submission_id, pledge_id)
