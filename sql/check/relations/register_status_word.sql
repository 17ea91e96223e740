-- Each row is one line of the sheet 상태어 of a register, coded.
-- named_*: the status whose own name the word is; null where it is none's.
-- Reads staging.register__status_word, core.code_label, core.code_value.

SELECT
    line.submission_id,
    line._table,
    line._row,
    NULL::text AS pledge_id,
    line.word,
    line.status_raw,
    line.status_kind,
    status.code AS status_code,
    named.code AS named_code,
    named.name AS named_name,
    COALESCE(line.word, '') AS row_key,
    ROW_NUMBER() OVER same_word AS occurrence,
    FIRST_VALUE(line._row) OVER same_word AS first_row
FROM staging.register__status_word AS line
INNER JOIN checked__submission USING (submission_id)
LEFT JOIN core.code_label AS status
    ON status.list_code = 'status' AND line.status = status.label_key
LEFT JOIN core.code_value AS named
    ON named.list_code = 'status' AND core.name_key(line.word) = core.name_key(named.name)
WINDOW
    same_word AS (
        PARTITION BY line.submission_id, core.name_key(line.word) ORDER BY line._row
    )
