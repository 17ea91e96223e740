-- Each row is one line of 예산 with an amount: sub-project × source as written, coded.
-- Reads staging.quarterly_return__budget, core.code_label, core.dim_subproject.
-- funding_source_code is null where the label is blank or means nothing for this kind of office.

WITH line AS (
    SELECT
        cell.submission_id,
        cell._table,
        cell._row,
        ANY_VALUE(cell.pledge_id) AS pledge_id,
        ANY_VALUE(cell.subproject_name) AS subproject_name,
        ANY_VALUE(cell.source) AS source,
        ANY_VALUE(cell.source_raw) AS source_raw,
        (ARRAY_AGG(cell.field ORDER BY cell.amount DESC NULLS LAST, cell._column ASC))[1]
            AS largest_field,
        (ARRAY_AGG(cell.amount_raw ORDER BY cell.amount DESC NULLS LAST, cell._column ASC))[1]
            AS largest_amount,
        SUM(cell.amount) FILTER (WHERE cell.measure <> 'executed') AS plan_krw,
        SUM(cell.amount) FILTER (WHERE cell.measure = 'secured') AS secured_krw,
        SUM(cell.amount) FILTER (WHERE cell.measure = 'executed') AS executed_krw
    FROM staging.quarterly_return__budget AS cell
    INNER JOIN checked__submission USING (submission_id)
    WHERE NOT cell.is_total AND cell.fiscal_year <> 'total'
    GROUP BY cell.submission_id, cell._table, cell._row
)

SELECT
    line.submission_id,
    line._table,
    line._row,
    line.pledge_id,
    line.subproject_name,
    line.source,
    line.source_raw,
    line.largest_field,
    line.largest_amount,
    line.plan_krw,
    line.secured_krw,
    line.executed_krw,
    CONCAT_WS('|', line.subproject_name, line.source) AS row_key,
    source_label.code AS funding_source_code,
    -- A source that the table has no column for is told at an amount.
    CASE
        WHEN source_label.code = 'NOT_STATED' AND line.source_raw IS NULL THEN line.largest_field
        ELSE 'source'
    END AS key_field,
    pledge.budget_class_code,
    scope.government_class,
    EXISTS(
        SELECT 1
        FROM core.code_label AS mixed
        WHERE mixed.list_code = 'mixed_source' AND line.source = mixed.label_key
    ) AS is_mixed_source,
    lost._row IS NOT NULL AS is_id_lost,
    pledge.pledge_id IS NOT NULL AS is_known,
    known.subproject_count > 0
    AND NOT known.is_listed
    AND line.subproject_name <> pledge.pledge_name AS is_unlisted_subproject,
    ROW_NUMBER() OVER same_line AS occurrence,
    FIRST_VALUE(line._row) OVER same_line AS first_row
FROM line
LEFT JOIN checked__lost_id AS lost USING (submission_id, _table, _row)
INNER JOIN checked__submission AS scope USING (submission_id)
LEFT JOIN core.code_label AS source_label
    ON
        source_label.list_code = 'funding_source'
        AND line.source = source_label.label_key
        AND source_label.government_class IN ('*', scope.government_class)
LEFT JOIN LATERAL core.pledges_on(
    scope.government_id, scope.term_number, scope.reference_date
) AS pledge ON line.pledge_id = pledge.pledge_id
LEFT JOIN LATERAL (
    SELECT
        COUNT(*) AS subproject_count,
        COALESCE(BOOL_OR(
            REGEXP_REPLACE(listed.subproject_name, '\s', '', 'g')
            = REGEXP_REPLACE(line.subproject_name, '\s', '', 'g')
        ), FALSE) AS is_listed
    FROM core.dim_subproject AS listed
    WHERE
        listed.government_id = scope.government_id
        AND listed.term_number = scope.term_number
        AND listed.pledge_id = line.pledge_id
        AND listed.superseded_at = 'infinity'
) AS known ON TRUE
WINDOW
    same_line AS (
        PARTITION BY line.submission_id, line.pledge_id, line.subproject_name, line.source
        ORDER BY line._table, line._row
    )
