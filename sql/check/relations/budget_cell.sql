-- Each row is one money cell of the batch that belongs to a line (no printed total).
-- Reads staging.quarterly_return__budget, audit.submission_table.
-- Amounts in won; null where the cell is not readable or says "not applicable".

SELECT
    cell.submission_id,
    cell._table,
    cell._row,
    cell._column,
    cell.field,
    cell.pledge_id,
    cell.fiscal_year,
    cell.measure,
    cell.amount,
    -- What a card's 계획 leaves below its 확보현황 is told by a rule of its own, not as a minus.
    CASE
        WHEN cell.amount >= 0 THEN cell.amount
        ELSE GREATEST(cell.amount, CASE WHEN cell.amount_raw !~ '[-−–△▲(]' THEN 0 END)
    END AS written_amount,
    cell.amount_raw,
    cell.amount_kind,
    scope.quarter_id,
    scope.reporting_year,
    scope.voted_year,
    COALESCE(cell.subproject_name, '') AS subproject_name,
    cell.source_raw,
    CONCAT_WS('|', cell.subproject_name, cell.source, cell.field) AS row_key,
    core.unit_krw(sheet.money_unit) AS unit_krw,
    sheet.money_unit,
    -- 2021 and 2022~2023 stand before every word: a pattern for each of many cells costs more.
    cell.fiscal_year < 'A' AS is_in_term,
    CASE WHEN cell.fiscal_year < 'A' THEN LEFT(cell.fiscal_year, 4)::integer END AS first_year,
    CASE WHEN cell.fiscal_year < 'A' THEN RIGHT(cell.fiscal_year, 4)::integer END AS last_year
FROM staging.quarterly_return__budget AS cell
INNER JOIN checked__submission AS scope USING (submission_id)
INNER JOIN audit.submission_table AS sheet
    ON cell.submission_id = sheet.submission_id AND cell._table = sheet.table_no
WHERE NOT cell.is_total AND cell.fiscal_year <> 'total'
