-- Writes the status and declared rate of each new report of a batch.
-- Reads staging.quarterly_return__progress, core.status_coded; labels become codes.

INSERT INTO core.fct_quarterly_progress (
    report_id, status_code, declared_rate_pct, is_target_met, due_code, due_year,
    content, problem, plan, correction_reason, grade_code, _table, _row
)
SELECT
    report.report_id,
    core.status_coded(report.government_id, line.status) AS status_code,
    line.rate,
    target.code = 'MET',
    due.code AS due_code,
    line.due_year,
    line.content,
    line.problem,
    line.plan,
    line.correction_reason,
    grade.code AS grade_code,
    line._table,
    line._row
FROM core.reports_of_batch(:batch_id) AS report
INNER JOIN staging.quarterly_return__progress AS line USING (submission_id, pledge_id)
LEFT JOIN core.code_label AS target
    ON target.list_code = 'target' AND line.target = target.label_key
LEFT JOIN core.code_label AS due
    ON due.list_code = 'due' AND line.due = due.label_key
LEFT JOIN core.code_label AS grade
    ON grade.list_code = 'grade' AND line.grade = grade.label_key
