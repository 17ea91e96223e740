-- Each row is one department that is assigned to a user now.
-- Reads restricted.department_officer, core.department_name.

SELECT
    user_name,
    government_id,
    department_code,
    core.department_name(government_id, department_code) AS department_name
FROM restricted.department_officer
WHERE superseded_at = 'infinity'
ORDER BY user_name, government_id, department_code
