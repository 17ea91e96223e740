-- Ends every assignment of a user; what it was until then stays.
-- Writes restricted.department_officer.

UPDATE restricted.department_officer
SET superseded_at = :at
WHERE user_name = :user_name AND superseded_at = 'infinity'
