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
    SUBSTRING(problem.expected FROM '^[0-9][0-9][0-9][0-9]$')::integer AS expected_year,
    EXTRACT(YEAR FROM scope.term_start_date)::integer AS term_first_year,
    EXTRACT(YEAR FROM scope.term_end_date)::integer AS term_last_year,
    CONCAT_WS('|', problem.code, problem.field) AS row_key,
    ROW_NUMBER() OVER (
        PARTITION BY problem.submission_id, problem.code ORDER BY problem._table, problem._row
    ) AS occurrence,
    COUNT(*) OVER (PARTITION BY problem.submission_id, problem.code) AS same_count
FROM staging.problem
INNER JOIN staging.checked__submission AS scope USING (submission_id)
