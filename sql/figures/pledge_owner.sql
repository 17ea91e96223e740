-- Each row is: one owning department of one pledge, in the order of 주관부서코드.
-- Reads: core.pledges_on 기준일, core.dim_department, as known at as_of.
-- Formula: while a department has ended by the day asked, its successor takes its place;
--     department_* to 기준일, department_current_* to current_day.
-- Basis: design §7, department of record.
-- When blank or zero: a code without a known department keeps its code as its name.
WITH RECURSIVE department AS NOT MATERIALIZED (
    SELECT
        department_code,
        department_name,
        valid_from,
        valid_to,
        successor_code
    FROM core.dim_department
    WHERE
        government_id = :government_id
        AND recorded_at <= :as_of
        AND superseded_at > :as_of
),

owner AS (
    SELECT
        pledge.pledge_id,
        listed.owner_number,
        listed.department_code
    FROM
        core.pledges_on(
            :government_id, CAST(:term_number AS integer), CAST(:reference_date AS date), :as_of
        ) AS pledge
    CROSS JOIN
        LATERAL UNNEST(pledge.department_codes)
        WITH ORDINALITY AS listed (department_code, owner_number)
),

asked AS (
    SELECT DISTINCT
        owner.department_code,
        day.day_name,
        day.asked_day
    FROM owner
    CROSS JOIN (
        VALUES
        ('record', CAST(:reference_date AS date)),
        ('current', CAST(:current_day AS date))
    ) AS day (day_name, asked_day)
),

chain AS (
    SELECT
        department_code AS listed_code,
        day_name,
        asked_day,
        department_code,
        0 AS step
    FROM asked
    UNION ALL
    SELECT
        chain.listed_code,
        chain.day_name,
        chain.asked_day,
        ended.successor_code,
        chain.step + 1
    FROM chain
    INNER JOIN LATERAL (
        SELECT
            department.successor_code,
            department.valid_to
        FROM department
        WHERE
            department.department_code = chain.department_code
            AND department.valid_from <= chain.asked_day
        ORDER BY department.valid_from DESC
        LIMIT 1
    ) AS ended ON chain.asked_day >= ended.valid_to
    WHERE ended.successor_code IS NOT NULL AND chain.step < 20
),

followed AS (
    SELECT DISTINCT ON (listed_code, day_name)
        listed_code,
        day_name,
        asked_day,
        department_code
    FROM chain
    ORDER BY listed_code ASC, day_name ASC, step DESC
),

named AS (
    SELECT
        followed.listed_code,
        followed.day_name,
        followed.department_code,
        COALESCE(known.department_name, followed.department_code) AS department_name
    FROM followed
    LEFT JOIN LATERAL (
        SELECT department.department_name
        FROM department
        WHERE department.department_code = followed.department_code
        ORDER BY department.valid_from <= followed.asked_day DESC, department.valid_from DESC
        LIMIT 1
    ) AS known ON TRUE
)

SELECT
    owner.pledge_id,
    owner.owner_number,
    on_record.department_code,
    on_record.department_name,
    at_present.department_code AS department_current_code,
    at_present.department_name AS department_current_name
FROM owner
INNER JOIN named AS on_record
    ON owner.department_code = on_record.listed_code AND on_record.day_name = 'record'
INNER JOIN named AS at_present
    ON owner.department_code = at_present.listed_code AND at_present.day_name = 'current'
