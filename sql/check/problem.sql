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
    concat_ws('|', problem.code, problem.field) AS row_key,
    row_number() OVER (
        PARTITION BY problem.submission_id, problem.code ORDER BY problem._table, problem._row
    ) AS occurrence,
    count(*) OVER (PARTITION BY problem.submission_id, problem.code) AS same_count
FROM staging.problem
INNER JOIN staging.checked__submission USING (submission_id)
LEFT JOIN audit.submission_table
    ON problem.submission_id = submission_table.submission_id
    AND problem._table = submission_table.table_no
