-- Each row is one department's own deadlines of a quarter, as known at :as_of.
-- Reads core.department_window.

SELECT
    department_code,
    due_date,
    grace_date
FROM core.department_window
WHERE
    government_id = :government_id
    AND quarter_id = :quarter_id
    AND recorded_at <= :as_of
    AND superseded_at > :as_of
