-- Assigns a department to the name of a user; one that is assigned already stays as it is.
-- Writes restricted.department_officer.

INSERT INTO restricted.department_officer (
    user_name, government_id, department_code, recorded_at
)
SELECT
    :user_name,
    :government_id,
    :department_code,
    :at
WHERE
    NOT EXISTS (
        SELECT 1
        FROM restricted.department_officer
        WHERE
            user_name = :user_name
            AND government_id = :government_id
            AND department_code = :department_code
            AND superseded_at = 'infinity'
    )
