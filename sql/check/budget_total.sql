-- Each row is one printed total (a total row's cell, or a total column's cell) beside its parts.
-- Reads staging.quarterly_return__budget. Amounts in won.
-- A total row covers its sub-project when only the source says 계, its pledge when the sub-project
-- does (of one source, when it names one), and the whole table when no pledge is named.
-- tolerance_krw is the most that rounding of each part to the printed unit can add up to: half a
-- unit for every part and for the total. same_row is an earlier row with the very same amounts.

WITH cell AS (
    SELECT
        written.*,
        core.unit_krw(sheet.money_unit) AS unit_krw,
        sheet.money_unit,
        written.source IN ('계', '합계', '총계', '소계')
        AND COALESCE(REGEXP_REPLACE(written.subproject_name, '\s', '', 'g'), '계')
        NOT IN ('계', '합계', '총계', '소계') AS is_subproject_total,
        COALESCE(written.source, '계') NOT IN ('계', '합계', '총계', '소계') AS is_source_total
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
        MAX(part.amount) AS largest_part_krw,
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
            AND (NOT total.is_source_total OR total.source = part.source)
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
        MAX(part.amount) AS largest_part_krw,
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
),

-- What a whole row says, to recognise one that was pasted from another.
row_text AS (
    SELECT
        submission_id,
        _table,
        _row,
        BOOL_OR(is_total) AS is_total,
        COUNT(*) FILTER (WHERE amount <> 0) AS amount_count,
        STRING_AGG(_column || '=' || TRIM_SCALE(amount), ';' ORDER BY _column) AS amounts
    FROM cell
    GROUP BY submission_id, _table, _row
),

pasted AS (
    SELECT
        total.submission_id,
        total._table,
        total._row,
        MIN(other._row) AS same_row
    FROM row_text AS total
    INNER JOIN row_text AS other
        ON
            total.submission_id = other.submission_id
            AND total._table = other._table
            AND total._row > other._row
            AND total.amounts = other.amounts
    WHERE total.is_total AND total.amount_count >= 2
    GROUP BY total.submission_id, total._table, total._row
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
    compared.largest_part_krw,
    compared.has_unreadable,
    pasted.same_row,
    ROW_NUMBER() OVER (
        PARTITION BY cell.submission_id, cell._table, cell._row
        ORDER BY
            ABS(cell.amount - COALESCE(compared.parts_krw, 0)) DESC NULLS LAST,
            LENGTH(cell._column) ASC, cell._column ASC
    ) AS worst_rank,
    CONCAT_WS('|', cell.subproject_name, cell.source, cell.field) AS row_key,
    cell.unit_krw * (compared.part_count + 1) / 2 AS tolerance_krw
FROM cell
INNER JOIN compared USING (submission_id, _table, _row, _column)
LEFT JOIN pasted USING (submission_id, _table, _row)
