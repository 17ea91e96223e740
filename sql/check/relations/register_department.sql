-- Each row is one line of the sheet 부서 of a register.
-- Reads staging.register__department. overlaps_row is an earlier line of the same code whose days
-- overlap; a blank start or end is open.

SELECT
    line.submission_id,
    line._table,
    line._row,
    NULL::text AS pledge_id,
    line.department_code,
    line.department_name,
    line.start_date,
    line.end_date,
    line.successor_code,
    line.department_code AS row_key,
    (
        SELECT MIN(other._row)
        FROM staging.register__department AS other
        WHERE
            other.submission_id = line.submission_id
            AND other.department_code = line.department_code
            AND other._row < line._row
            AND COALESCE(other.start_date, '-infinity') <= COALESCE(line.end_date, 'infinity')
            AND COALESCE(other.end_date, 'infinity') >= COALESCE(line.start_date, '-infinity')
    ) AS overlaps_row,
    line.successor_code IS NULL OR EXISTS (
        SELECT 1
        FROM staging.register__department AS other
        WHERE
            other.submission_id = line.submission_id
            AND other.department_code = line.successor_code
    ) AS is_successor_known
FROM staging.register__department AS line
INNER JOIN checked__submission USING (submission_id)
