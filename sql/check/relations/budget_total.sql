-- Each row is one printed total (a total row's cell, or a total column's cell) beside its parts.
-- Reads staging.quarterly_return__budget. Amounts in won.
-- A total row covers its sub-project when only the source says 계, its pledge when the sub-project
-- does (of one source, when it names one), and the whole table when no pledge is named.
-- 임기내 소계 (in_term) covers the fiscal years alone, without 기투자 and 임기후.
-- tolerance_krw is the most that rounding can add up to: half of the last decimal that was typed in
-- any of them, for every part and for the total. A wrong row is told once, at its worst cell
-- (worst_rank 1), with the fields of its other wrong cells. same_row is an earlier row with the
-- same amounts.
-- Cells, lines and columns are numbered, so that each is joined by one number: of keys with several
-- columns the planner expects a single row, and compares every cell with every other. Only those of
-- tables with a printed total are looked at.

WITH printed AS (
    SELECT DISTINCT
        written.submission_id,
        written._table
    FROM staging.quarterly_return__budget AS written
    INNER JOIN checked__submission USING (submission_id)
    WHERE written.is_total OR written.fiscal_year = 'total'
),

cell AS (
    SELECT
        written.*,
        ROW_NUMBER() OVER () AS cell_id,
        DENSE_RANK() OVER (ORDER BY written.submission_id, written._table, written._row)
            AS line_id,
        DENSE_RANK() OVER (ORDER BY written.submission_id, written._table, written.field)
            AS column_id,
        core.unit_krw(sheet.money_unit) AS unit_krw,
        sheet.money_unit,
        COALESCE(LENGTH(
            SUBSTRING(written.amount_raw FROM '^[-+△▲(]?[0-9,]*\.([0-9]+)\)?$')
        ), 0) AS decimals,
        written.source IN ('계', '합계', '총계', '소계')
        AND COALESCE(REGEXP_REPLACE(written.subproject_name, '\s', '', 'g'), '계')
        NOT IN ('계', '합계', '총계', '소계') AS is_subproject_total,
        COALESCE(written.source, '계') NOT IN ('계', '합계', '총계', '소계') AS is_source_total
    FROM staging.quarterly_return__budget AS written
    INNER JOIN printed USING (submission_id, _table)
    INNER JOIN audit.submission_table AS sheet
        ON written.submission_id = sheet.submission_id AND written._table = sheet.table_no
),

-- Each row is one total with one cell that it covers, or without any.
covered AS (
    SELECT
        total.cell_id AS total_id,
        part.*
    FROM cell AS total
    LEFT JOIN cell AS part
        ON
            total.column_id = part.column_id
            AND NOT part.is_total
            AND (total.pledge_id IS NULL OR total.pledge_id = part.pledge_id)
            AND (NOT total.is_subproject_total OR total.subproject_name = part.subproject_name)
            AND (NOT total.is_source_total OR total.source = part.source)
    WHERE total.is_total
    UNION ALL
    SELECT
        total.cell_id AS total_id,
        part.*
    FROM cell AS total
    LEFT JOIN cell AS part
        ON
            total.line_id = part.line_id
            AND part.fiscal_year <> 'total'
            AND (total.field NOT LIKE 'in_term.%' OR part.fiscal_year ~ '^\d')
            AND CASE total.measure
                WHEN 'plan' THEN part.measure IN ('secured', 'demand')
                ELSE total.measure = part.measure
            END
    WHERE total.fiscal_year = 'total' AND NOT total.is_total
),

compared AS (
    SELECT
        total_id AS cell_id,
        SUM(amount) AS parts_krw,
        COUNT(amount) AS part_count,
        MAX(amount) AS largest_part_krw,
        MAX(decimals) AS part_decimals,
        COALESCE(BOOL_OR(amount_kind = 'unreadable'), FALSE) AS has_unreadable
    FROM covered
    GROUP BY total_id
),

-- What a whole row says, to recognise one that was pasted from another.
row_text AS (
    SELECT
        line_id,
        MIN(submission_id) AS submission_id,
        MIN(_table) AS _table,
        MIN(_row) AS _row,
        BOOL_OR(is_total) AS is_total,
        COUNT(*) FILTER (WHERE amount <> 0) AS amount_count,
        STRING_AGG(_column || '=' || TRIM_SCALE(amount), ';' ORDER BY _column) AS amounts
    FROM cell
    GROUP BY line_id
),

pasted AS (
    SELECT
        line_id,
        is_total,
        amount_count,
        _row,
        MIN(_row) OVER (PARTITION BY submission_id, _table, amounts) AS same_row
    FROM row_text
),

bounded AS (
    SELECT
        compared.*,
        cell.amount,
        cell.unit_krw * (compared.part_count + 1) / 2
        / POWER(10::numeric, GREATEST(cell.decimals, compared.part_decimals)) AS tolerance_krw
    FROM compared
    INNER JOIN cell USING (cell_id)
),

judged AS (
    SELECT
        bounded.*,
        NOT bounded.has_unreadable
        AND ABS(bounded.amount - COALESCE(bounded.parts_krw, 0)) > bounded.tolerance_krw
            AS is_wrong
    FROM bounded
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
    judged.parts_krw,
    judged.part_count,
    judged.largest_part_krw,
    judged.has_unreadable,
    judged.is_wrong,
    pasted.same_row,
    judged.tolerance_krw,
    CONCAT_WS('|', cell.subproject_name, cell.source, cell.field) AS row_key,
    ROW_NUMBER() OVER worst_first AS worst_rank,
    ARRAY_REMOVE(
        ARRAY_AGG(cell.field) FILTER (WHERE judged.is_wrong) OVER whole_row, cell.field
    ) AS other_wrong_fields
FROM cell
INNER JOIN judged USING (cell_id)
LEFT JOIN pasted
    ON
        cell.line_id = pasted.line_id
        AND pasted.is_total
        AND pasted.amount_count >= 2
        AND pasted.same_row < pasted._row
WINDOW
    whole_row AS (PARTITION BY cell.submission_id, cell._table, cell._row),
    worst_first AS (
        PARTITION BY cell.submission_id, cell._table, cell._row
        ORDER BY
            judged.is_wrong DESC NULLS LAST,
            ABS(cell.amount - COALESCE(judged.parts_krw, 0)) DESC NULLS LAST,
            LENGTH(cell._column) ASC, cell._column ASC
    )
