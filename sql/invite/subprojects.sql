-- Each row is: one sub-project of the register, of one pledge.
-- Reads: core.dim_subproject.
-- Formula: the rows known at the given time, in the order of the register.
-- Basis: a pledge that has not reported yet starts from the sub-projects of the register.
-- When blank or zero: a pledge without sub-projects has no row.
SELECT
    pledge_id,
    subproject_name
FROM core.dim_subproject
WHERE
    government_id = :government_id
    AND term_number = :term_number
    AND recorded_at <= :as_of AND superseded_at > :as_of
ORDER BY pledge_id, _row, subproject_name;
