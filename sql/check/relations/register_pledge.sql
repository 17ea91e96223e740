-- Each row is one line of the sheet 공약 of a register, coded.
-- Reads staging.register__pledge, __term, __department, checked__lost_id.

WITH term AS (
    SELECT
        submission_id,
        term_number,
        MIN(start_date) AS start_date,
        MAX(end_date) AS end_date
    FROM staging.register__term
    GROUP BY submission_id, term_number
),

-- The pledges of a register without 분야, the first few by name.
fieldless AS (
    SELECT
        submission_id,
        COUNT(*) AS pledge_count,
        ARRAY_TO_STRING((ARRAY_AGG(pledge_id ORDER BY _row))[:5], ', ')
        || CASE WHEN COUNT(*) > 5 THEN ' …' ELSE '' END AS pledge_ids
    FROM staging.register__pledge
    WHERE pledge_id IS NOT NULL AND field_name IS NULL
    GROUP BY submission_id
)

SELECT
    line.submission_id,
    line._table,
    line._row,
    line.pledge_id,
    line.pledge_name,
    line.field_name,
    line.term_number,
    line.term_number_kind,
    line.department_codes,
    line.due_raw,
    line.due_kind,
    line.budget_class_raw,
    line.budget_class_kind,
    line.project_type,
    line.declared_total,
    line.confirmed_date,
    line.term_number::text AS row_key,
    due.code AS due_code,
    budget_class.code AS budget_class_code,
    term.start_date AS term_start_date,
    term.end_date AS term_end_date,
    lost._row IS NOT NULL AS is_id_lost,
    term.term_number IS NOT NULL AS is_term_known,
    ROW_NUMBER() OVER same_pledge AS occurrence,
    FIRST_VALUE(line._row) OVER same_pledge AS first_row,
    CASE
        WHEN line.pledge_id IS NOT NULL AND line.field_name IS NULL
            THEN ROW_NUMBER() OVER (
                PARTITION BY
                    line.submission_id, line.pledge_id IS NOT NULL AND line.field_name IS NULL
                ORDER BY line._row
            )
    END AS fieldless_number,
    fieldless.pledge_count AS fieldless_count,
    fieldless.pledge_ids AS fieldless_ids,
    (
        SELECT STRING_AGG(BTRIM(owned.department_code), ', ')
        FROM REGEXP_SPLIT_TO_TABLE(line.department_codes, '\s*[,，、]\s*') AS owned (department_code)
        WHERE BTRIM(owned.department_code) <> '' AND NOT EXISTS (
            SELECT 1
            FROM staging.register__department AS department
            WHERE
                department.submission_id = line.submission_id
                AND department.department_code = BTRIM(owned.department_code)
        )
    ) AS unknown_departments
FROM staging.register__pledge AS line
LEFT JOIN checked__lost_id AS lost USING (submission_id, _table, _row)
INNER JOIN checked__submission USING (submission_id)
LEFT JOIN core.code_label AS due
    ON due.list_code = 'due' AND line.due = due.label_key
LEFT JOIN core.code_label AS budget_class
    ON budget_class.list_code = 'budget_class' AND line.budget_class = budget_class.label_key
LEFT JOIN fieldless ON line.submission_id = fieldless.submission_id
LEFT JOIN term
    ON line.submission_id = term.submission_id AND line.term_number = term.term_number
WINDOW
    same_pledge AS (
        PARTITION BY line.submission_id, line.term_number, line.pledge_id ORDER BY line._row
    )
