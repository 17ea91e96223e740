-- Each row is: the one frame of a quarter's figures: 기준일 and the term that holds it.
-- Reads: core.submission_window, core.dim_term, core.dim_government, all as known at as_of.
-- Formula: 기준일 of 제출일정, else the quarter's last day; the term is the latest to start.
-- Basis: design §7, pledge in force.
-- When blank or zero: term_number is null where no known term holds 기준일; a government without a
--     name has its code for one.
WITH known_window AS (
    SELECT reference_date
    FROM core.submission_window
    WHERE
        government_id = :government_id
        AND quarter_id = :quarter_id
        AND recorded_at <= :as_of
        AND superseded_at > :as_of
    ORDER BY recorded_at DESC
    LIMIT 1
),

reference AS (
    SELECT
        COALESCE(
            (SELECT known_window.reference_date FROM known_window), CAST(:last_day AS date)
        ) AS reference_date
),

known_term AS (
    SELECT
        term_number,
        start_date,
        end_date
    FROM core.dim_term
    WHERE
        government_id = :government_id
        AND recorded_at <= :as_of
        AND superseded_at > :as_of
)

SELECT
    reference.reference_date,
    known_term.term_number,
    CAST(EXTRACT(YEAR FROM known_term.start_date) AS integer) AS first_year,
    CAST(EXTRACT(YEAR FROM known_term.end_date) AS integer) AS last_year,
    COALESCE(
        (
            SELECT government.government_name
            FROM core.dim_government AS government
            WHERE
                government.government_id = :government_id
                AND government.recorded_at <= :as_of
            ORDER BY government.recorded_at DESC
            LIMIT 1
        ),
        :government_id
    ) AS government_name
FROM reference
LEFT JOIN known_term
    ON reference.reference_date BETWEEN known_term.start_date AND known_term.end_date
ORDER BY known_term.start_date DESC
LIMIT 1
