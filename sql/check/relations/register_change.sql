-- Each row is one line of the sheet 공약변경 of a register, coded.
-- Reads staging.register__change, __pledge, checked__lost_id, core.code_label.

SELECT
    line.submission_id,
    line._table,
    line._row,
    line.pledge_id,
    line.term_number,
    line.change_date,
    line.change_date_kind,
    line.change_kind_raw,
    line.change_kind_kind,
    line.item_raw,
    line.item_kind,
    line.before_text,
    line.after_text,
    change_kind.code AS change_code,
    item.code AS item_code,
    CONCAT_WS('|', line.change_date, line.change_kind, line.item) AS row_key,
    ROW_NUMBER() OVER (
        PARTITION BY
            line.submission_id, line.term_number, line.pledge_id, line.change_date,
            change_kind.code, item.code
        ORDER BY line._row
    ) AS occurrence,
    lost._row IS NOT NULL AS is_id_lost,
    EXISTS(
        SELECT 1
        FROM staging.register__pledge AS pledge
        WHERE
            pledge.submission_id = line.submission_id
            AND pledge.term_number = line.term_number
            AND pledge.pledge_id = line.pledge_id
    ) AS is_pledge_known
FROM staging.register__change AS line
LEFT JOIN checked__lost_id AS lost USING (submission_id, _table, _row)
INNER JOIN checked__submission USING (submission_id)
LEFT JOIN core.code_label AS change_kind
    ON change_kind.list_code = 'change_kind' AND line.change_kind = change_kind.label_key
LEFT JOIN core.code_label AS item
    ON item.list_code = 'change_item' AND line.item = item.label_key
