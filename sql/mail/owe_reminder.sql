-- Owes a department a reminder of a quarter, once for each occasion; the row is its mail.

WITH owed AS (
    INSERT INTO audit.mail (
        mail_kind, government_id, quarter_id, department_code, occasion, due_at
    )
    VALUES (
        'reminder', :government_id, :quarter_id, :department_code, :occasion, CLOCK_TIMESTAMP()
    )
    ON CONFLICT DO NOTHING
    RETURNING mail_id
)

SELECT mail_id FROM owed
UNION ALL
SELECT mail_id
FROM audit.mail
WHERE
    mail_kind = 'reminder'
    AND government_id = :government_id
    AND quarter_id = :quarter_id
    AND department_code = :department_code
    AND occasion = :occasion
