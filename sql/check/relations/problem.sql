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
    SUBSTRING(problem.expected FROM '^[0-9][0-9][0-9][0-9]$')::integer AS expected_year,
    EXTRACT(YEAR FROM scope.term_start_date)::integer AS term_first_year,
    EXTRACT(YEAR FROM scope.term_end_date)::integer AS term_last_year,
    COALESCE(
        CASE
            WHEN problem.field LIKE 'pre_term.%' THEN '기투자'
            WHEN problem.field LIKE 'post_term.%' THEN '임기후'
            WHEN problem.field LIKE '%.%'
                THEN
                    CASE SPLIT_PART(problem.field, '.', 1)
                        WHEN 'total' THEN '합계'
                        WHEN 'in_term' THEN '임기내 소계'
                        ELSE SPLIT_PART(problem.field, '.', 1) || '년'
                    END || CASE SPLIT_PART(problem.field, '.', 2)
                        WHEN 'executed' THEN ' 집행액'
                        WHEN 'demand' THEN ' 투자수요'
                        WHEN 'secured' THEN ' 확보액'
                        ELSE ''
                    END
        END,
        COALESCE(
            CURRENT_SETTING('gongyak.field_names')::jsonb
            -> CONCAT_WS('/', scope.form_code, scope.form_edition),
            CURRENT_SETTING('gongyak.field_names')::jsonb -> ''
        ) ->> problem.field,
        '이 칸'
    ) AS field_name,
    CONCAT_WS('|', problem.code, problem.field) AS row_key
FROM staging.problem
INNER JOIN checked__submission AS scope USING (submission_id)
WHERE NOT (
    scope.is_given_register
    AND (
        problem.code IN ('other_form', 'missing_table', 'no_header_row', 'missing_column')
        OR (scope.given_form, problem.code, problem.seen) = ('published', 'other_workbook', '.csv')
    )
)
