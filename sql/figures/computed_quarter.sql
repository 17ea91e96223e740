-- Each row is: the one quarter whose figures are computed, with its term and 기준일.
-- Reads: nothing; they are what `frame` found.
-- Formula: none.
-- Basis: design §7, pledge in force.
-- When blank or zero: never.
SELECT
    CAST(:quarter_id AS text) AS quarter_id,
    CAST(:government_id AS text) AS government_id,
    CAST(:term_number AS integer) AS term_number,
    CAST(:reference_date AS date) AS as_of_date,
    CAST(:government_name AS text) AS government_name
