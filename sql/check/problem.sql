-- Each row is one thing the reader could not take as it stood.
-- Reads staging.problem.

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
INNER JOIN staging.checked__submission USING (submission_id)
