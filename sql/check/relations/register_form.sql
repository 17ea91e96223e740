-- Each row is one register, or file of its sheet 공표값 alone, that lacks a sheet, a column or a line
-- that must be there, in words.
-- Reads staging.problem, staging.register__term, __pledge, audit.submission_table, core.dim_term,
-- core.pledge_report and the setting gongyak.register_sheets: the sheets
-- of each form that must be there, with the columns that each must have.
-- A register in the inbox is told another way (F-23).

WITH needed AS (
    SELECT
        described.form,
        described.number,
        described.code,
        described.sheet,
        described.columns
    FROM JSONB_TO_RECORDSET(CURRENT_SETTING('gongyak.register_sheets')::jsonb)
        AS described (form text, number integer, code text, sheet text, columns text)
),

given AS (
    SELECT
        submission_id,
        government_id,
        given_form
    FROM checked__submission
    WHERE is_given_register
),

-- Nothing of a register was found, or nothing of 공표값 in a text between commas: the sheets that are
-- not there by name, or else all of them.
unrecognised AS (
    SELECT
        given.submission_id,
        needed.number,
        needed.sheet || ' 시트(' || needed.columns || ')' AS lacking,
        ', ' || problem.seen || ',' LIKE '%, ' || needed.sheet || ',%' AS is_named,
        BOOL_AND(', ' || problem.seen || ',' LIKE '%, ' || needed.sheet || ',%')
            OVER (PARTITION BY given.submission_id) AS are_all_named
    FROM given
    INNER JOIN staging.problem ON given.submission_id = problem.submission_id
    INNER JOIN needed ON given.given_form = needed.form
    WHERE
        problem.code = 'other_form'
        OR (given.given_form, problem.code, problem.seen) = ('published', 'other_workbook', '.csv')
),

without_header AS (
    SELECT
        given.submission_id,
        needed.number,
        needed.sheet || ' 시트의 제목줄(' || needed.columns || ')' AS lacking
    FROM given
    INNER JOIN staging.problem ON given.submission_id = problem.submission_id
    INNER JOIN needed
        ON given.given_form = needed.form AND problem.sheet_name = needed.sheet
    WHERE problem.code = 'no_header_row'
),

without_columns AS (
    SELECT
        given.submission_id,
        MIN(COALESCE(needed.number, 99)) AS number,
        problem.sheet_name || ' 시트의 열('
        || STRING_AGG(problem.expected, ', ' ORDER BY problem.expected) || ')' AS lacking
    FROM given
    INNER JOIN staging.problem ON given.submission_id = problem.submission_id
    LEFT JOIN needed
        ON given.given_form = needed.form AND problem.sheet_name = needed.sheet
    WHERE problem.code = 'missing_column'
    GROUP BY given.submission_id, problem.sheet_name
),

-- A term that reports were accepted for, whose lines this register leaves out: its figures would be
-- of no term, or of no pledge.
left_out AS (
    SELECT
        given.submission_id,
        sheet.number,
        sheet.sheet || ' 시트의 민선 ' || term.term_number || '기(반영된 보고가 있는 임기)' AS lacking
    FROM given
    INNER JOIN core.dim_term AS term
        ON given.government_id = term.government_id AND term.superseded_at = 'infinity'
    INNER JOIN needed AS sheet
        ON given.given_form = sheet.form AND sheet.code IN ('term', 'pledge')
    WHERE
        EXISTS (
            SELECT 1
            FROM core.pledge_report AS report
            WHERE
                report.government_id = term.government_id
                AND report.term_number = term.term_number
        )
        AND EXISTS (
            SELECT 1
            FROM audit.submission_table AS written
            WHERE
                written.submission_id = given.submission_id
                AND written.table_code = sheet.code
                AND written.row_count > 0
        )
        AND NOT EXISTS (
            SELECT 1
            FROM staging.register__term AS line
            WHERE
                sheet.code = 'term'
                AND line.submission_id = given.submission_id
                AND line.term_number = term.term_number
        )
        -- A pledge of a term that the register does not know has lost its own: R-10 tells it.
        AND NOT EXISTS (
            SELECT 1
            FROM staging.register__pledge AS line
            WHERE
                sheet.code = 'pledge'
                AND line.submission_id = given.submission_id
                AND (
                    line.term_number = term.term_number
                    OR NOT EXISTS (
                        SELECT 1
                        FROM staging.register__term AS known
                        WHERE
                            known.submission_id = line.submission_id
                            AND known.term_number = line.term_number
                    )
                )
        )
),

lacking AS (
    SELECT
        submission_id,
        number,
        lacking
    FROM unrecognised
    WHERE NOT is_named OR are_all_named
    UNION ALL
    SELECT * FROM without_header
    UNION ALL
    SELECT * FROM without_columns
    UNION ALL
    SELECT * FROM left_out
    UNION ALL
    SELECT
        given.submission_id,
        needed.number,
        needed.sheet || ' 시트(' || needed.columns || ')'
    FROM given
    INNER JOIN staging.problem ON given.submission_id = problem.submission_id
    INNER JOIN needed
        ON given.given_form = needed.form AND problem.expected = needed.sheet
    WHERE
        problem.code = 'missing_table' AND NOT EXISTS (
            SELECT 1
            FROM without_header
            WHERE
                without_header.submission_id = given.submission_id
                AND without_header.number = needed.number
        )
    UNION ALL
    SELECT
        given.submission_id,
        needed.number,
        needed.sheet || ' 시트에 적은 줄'
    FROM given
    INNER JOIN audit.submission_table AS sheet ON given.submission_id = sheet.submission_id
    INNER JOIN needed ON given.given_form = needed.form AND sheet.table_code = needed.code
    GROUP BY given.submission_id, needed.number, needed.sheet
    HAVING SUM(sheet.row_count) = 0
)

SELECT
    submission_id,
    NULL::integer AS _table,
    NULL::integer AS _row,
    NULL::text AS pledge_id,
    ''::text AS row_key,
    NULL::text AS field,
    STRING_AGG(lacking, ', ' ORDER BY number, lacking) AS lacking
FROM lacking
GROUP BY submission_id
