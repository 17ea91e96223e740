-- Each row is one printed total (a total row's cell, or a total column's cell) beside its parts.
-- Reads staging.quarterly_return__budget. Amounts in won.
-- A total row covers its sub-project when only the source says 계, its pledge when the sub-project
-- does, and the whole table when no pledge is named. tolerance_krw is the most that rounding of
-- each part to the printed unit can add up to: half a unit for every part and for the total.

WITH cell AS (
    SELECT
        written.*,
        core.unit_krw(sheet.money_unit) AS unit_krw,
        sheet.money_unit,
        written.source IN ('계', '합계', '총계', '소계')
        AND COALESCE(REGEXP_REPLACE(written.subproject_name, '\s', '', 'g'), '계')
        NOT IN ('계', '합계', '총계', '소계') AS is_subproject_total
    FROM staging.quarterly_return__budget AS written
    INNER JOIN staging.checked__submission USING (submission_id)
    INNER JOIN audit.submission_table AS sheet
        ON written.submission_id = sheet.submission_id AND written._table = sheet.table_no
),

line_total AS (
    SELECT
        total.submission_id,
        total._table,
        total._row,
        total._column,
        SUM(part.amount) AS parts_krw,
        COUNT(part.amount) AS part_count,
        COALESCE(BOOL_OR(part.amount_kind = 'unreadable'), FALSE) AS has_unreadable
    FROM cell AS total
    LEFT JOIN cell AS part
        ON
            total.submission_id = part.submission_id
            AND total._table = part._table
            AND NOT part.is_total
            AND total.field = part.field
            AND (total.pledge_id IS NULL OR total.pledge_id = part.pledge_id)
            AND (NOT total.is_subproject_total OR total.subproject_name = part.subproject_name)
    WHERE total.is_total
    GROUP BY total.submission_id, total._table, total._row, total._column
),

column_total AS (
    SELECT
        total.submission_id,
        total._table,
        total._row,
        total._column,
        SUM(part.amount) AS parts_krw,
        COUNT(part.amount) AS part_count,
        COALESCE(BOOL_OR(part.amount_kind = 'unreadable'), FALSE) AS has_unreadable
    FROM cell AS total
    LEFT JOIN cell AS part
        ON
            total.submission_id = part.submission_id
            AND total._table = part._table
            AND total._row = part._row
            AND part.fiscal_year <> 'total'
            AND CASE total.measure
                WHEN 'plan' THEN part.measure IN ('secured', 'demand')
                ELSE total.measure = part.measure
            END
    WHERE total.fiscal_year = 'total' AND NOT total.is_total
    GROUP BY total.submission_id, total._table, total._row, total._column
),

compared AS (
    SELECT * FROM line_total
    UNION ALL
    SELECT * FROM column_total
)

SELECT
    cell.submission_id,
    cell._table,
    cell._row,
    cell._column,
    cell.field,
    cell.pledge_id,
    cell.amount,
    cell.amount_raw,
    cell.amount_kind,
    cell.unit_krw,
    cell.money_unit,
    compared.parts_krw,
    compared.part_count,
    compared.has_unreadable,
    CONCAT_WS('|', cell.subproject_name, cell.source, cell.field) AS row_key,
    cell.unit_krw * (compared.part_count + 1) / 2 AS tolerance_krw
FROM cell
INNER JOIN compared USING (submission_id, _table, _row, _column)
