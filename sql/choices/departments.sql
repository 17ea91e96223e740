-- Each row is one 부서코드, with the departments that bear it now in any government.
-- Reads core.dim_department, core.dim_government.

SELECT
    department.department_code AS value,
    FORMAT(
        '%s · %s',
        department.department_code,
        STRING_AGG(
            DISTINCT FORMAT('%s %s', government.government_name, department.department_name), ', '
        )
    ) AS label
FROM core.dim_department AS department
INNER JOIN core.dim_government AS government USING (government_id)
WHERE
    department.superseded_at = 'infinity'
    AND government.superseded_at = 'infinity'
    AND department.valid_to = '9999-12-31'
GROUP BY department.department_code
ORDER BY department.department_code
