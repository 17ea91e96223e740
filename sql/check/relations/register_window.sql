-- Each row is one line of the sheet 제출일정 of a register.
-- Reads staging.register__window, __department.
-- unused_text: what a line of one department says that holds for everyone's line alone.

SELECT
    line.submission_id,
    line._table,
    line._row,
    NULL::text AS pledge_id,
    line.quarter_id,
    line.start_date,
    line.due_date,
    line.grace_date,
    line.department_code,
    CONCAT_WS('/', line.quarter_id, line.department_code) AS row_key,
    line.department_code IS NOT NULL AND NOT EXISTS (
        SELECT 1
        FROM staging.register__department AS department
        WHERE
            department.submission_id = line.submission_id
            AND department.department_code = line.department_code
    ) AS is_department_unknown,
    CASE
        WHEN line.department_code IS NOT NULL
            THEN NULLIF(CONCAT_WS(
                ', ', '시작일 ' || line.start_date, '기준일 ' || line.reference_date,
                '확보연도 ' || line.voted_year
            ), '')
    END AS unused_text,
    core.quarter_kind(line.quarter_id) IS NOT NULL AS is_quarter,
    ROW_NUMBER() OVER (
        PARTITION BY line.submission_id, line.quarter_id, line.department_code
        ORDER BY line._row
    ) AS occurrence
FROM staging.register__window AS line
INNER JOIN checked__submission USING (submission_id)
