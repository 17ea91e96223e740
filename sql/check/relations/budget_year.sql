-- Each row is one fiscal year of one line of 예산: what is secured, asked for and executed, in won.
-- Reads checked__budget_cell. Blank beside an amount is 0.

SELECT
    cell.submission_id,
    cell._table,
    cell._row,
    ANY_VALUE(cell.pledge_id) AS pledge_id,
    cell.fiscal_year,
    ANY_VALUE(cell.first_year) AS first_year,
    ANY_VALUE(cell.reporting_year) AS reporting_year,
    ANY_VALUE(cell.voted_year) AS voted_year,
    ANY_VALUE(cell.is_in_term) AS is_in_term,
    ANY_VALUE(cell.subproject_name) AS subproject_name,
    ANY_VALUE(cell.unit_krw) AS unit_krw,
    CONCAT_WS('|', ANY_VALUE(cell.subproject_name), ANY_VALUE(cell.source_raw), cell.fiscal_year)
        AS row_key,
    COALESCE(SUM(cell.amount) FILTER (WHERE cell.measure = 'secured'), 0) AS secured_krw,
    COALESCE(SUM(cell.amount) FILTER (WHERE cell.measure = 'demand'), 0) AS demand_krw,
    COALESCE(SUM(cell.amount) FILTER (WHERE cell.measure = 'executed'), 0) AS executed_krw,
    BOOL_OR(cell.measure = 'demand') AS is_demand_label,
    BOOL_OR(cell.measure = 'secured') AS is_secured_label,
    BOOL_OR(cell.amount_kind = 'unreadable') AS has_unreadable
FROM checked__budget_cell AS cell
GROUP BY cell.submission_id, cell._table, cell._row, cell.fiscal_year
