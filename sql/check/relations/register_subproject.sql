-- Each row is one line of the sheet 세부사업 of a register.
-- Reads staging.register__subproject, __pledge, checked__lost_id.

SELECT
    line.submission_id,
    line._table,
    line._row,
    line.pledge_id,
    line.subproject_name,
    line.term_number,
    line.subproject_name AS row_key,
    ROW_NUMBER() OVER (
        PARTITION BY
            line.submission_id, line.term_number, line.pledge_id,
            REGEXP_REPLACE(line.subproject_name, '\s', '', 'g')
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
FROM staging.register__subproject AS line
LEFT JOIN checked__lost_id AS lost USING (submission_id, _table, _row)
INNER JOIN checked__submission USING (submission_id)
