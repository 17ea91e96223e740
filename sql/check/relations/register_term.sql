-- Each row is one line of the sheet 임기 of a register.
-- Reads staging.register__term. overlaps_row is the first other term that shares a day with it.

SELECT
    line.submission_id,
    line._table,
    line._row,
    NULL::text AS pledge_id,
    line.term_number,
    line.term_number_kind,
    line.start_date,
    line.start_date_kind,
    line.end_date,
    line.end_date_kind,
    line.term_number::text AS row_key,
    ROW_NUMBER() OVER (
        PARTITION BY line.submission_id, line.term_number ORDER BY line._row
    ) AS occurrence,
    (
        SELECT MIN(other._row)
        FROM staging.register__term AS other
        WHERE
            other.submission_id = line.submission_id
            AND other._row < line._row
            AND other.start_date <= line.end_date
            AND other.end_date >= line.start_date
    ) AS overlaps_row
FROM staging.register__term AS line
INNER JOIN checked__submission USING (submission_id)
