-- Each row is one department that a user answers for: it was assigned to that name, or its mail in
-- the register is the user's.
-- Reads restricted.department_officer, core.dim_department.

SELECT
    government_id,
    department_code
FROM restricted.department_officer
WHERE user_name = :user_name AND superseded_at = 'infinity'
UNION
SELECT
    government_id,
    department_code
FROM core.dim_department
WHERE superseded_at = 'infinity' AND LOWER(TRIM(mail)) = LOWER(TRIM(:mail))
ORDER BY government_id, department_code
