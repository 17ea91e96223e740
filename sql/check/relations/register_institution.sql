-- Each row is one line of the sheet 기관 of a register, coded.
-- Reads staging.register__institution, core.code_label.

SELECT
    line.submission_id,
    line._table,
    line._row,
    NULL::text AS pledge_id,
    line.government_id,
    line.government_name,
    line.government_kind_raw,
    line.upper_government_id,
    line.government_id AS row_key,
    kind.code AS kind_code,
    upper_government.code AS upper_code,
    ROW_NUMBER() OVER (PARTITION BY line.submission_id ORDER BY line._row) AS occurrence
FROM staging.register__institution AS line
INNER JOIN checked__submission USING (submission_id)
LEFT JOIN core.code_label AS kind
    ON kind.list_code = 'government_kind' AND line.government_kind = kind.label_key
LEFT JOIN core.code_label AS upper_government
    ON
        upper_government.list_code = 'upper_government'
        AND REGEXP_REPLACE(line.upper_government_id, '\s', '', 'g') = upper_government.label_key
