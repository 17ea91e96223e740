-- One row: who gets the mail of a department on a day, which is its successor where it has ended.
-- Reads core.dim_government, core.dim_department, core.department_of_record.

SELECT
    government.government_name,
    record.department_name,
    department.mail
FROM
    core.department_of_record(
        :government_id, :department_code, CAST(:day AS date), CLOCK_TIMESTAMP()
    ) AS record
LEFT JOIN core.dim_government AS government
    ON government.government_id = :government_id AND government.superseded_at = 'infinity'
LEFT JOIN LATERAL (
    SELECT dim_department.mail
    FROM core.dim_department
    WHERE
        dim_department.government_id = :government_id
        AND dim_department.department_code = record.department_code
        AND dim_department.superseded_at = 'infinity'
    ORDER BY
        dim_department.valid_from <= CAST(:day AS date) DESC,
        dim_department.valid_from DESC
    LIMIT 1
) AS department ON TRUE
