-- Each row is one thing the reader could not take as it stood.
-- Reads staging.problem. What a register lacks is told as a whole (register_form).

SELECT
    problem.submission_id,
    problem._table,
    problem._row,
    problem._column,
    problem.field,
    problem.pledge_id,
    problem.sheet_name,
    problem.code,
    problem.seen,
    problem.expected,
    CONCAT_WS('|', problem.code, problem.field) AS row_key
FROM staging.problem
INNER JOIN staging.checked__submission AS scope USING (submission_id)
WHERE NOT (
    scope.is_given_register
    AND problem.code IN ('other_form', 'missing_table', 'no_header_row', 'missing_column')
)
