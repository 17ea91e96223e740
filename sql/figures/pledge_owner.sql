-- Each row is: one owning department of one pledge, in the order of 주관부서코드.
-- Reads: core.pledges_on 기준일, core.department_of_record, as known at as_of.
-- Formula: while a department has ended by the day asked, its successor takes its place;
--     department_* to 기준일, department_current_* to current_day.
-- Basis: design §7, department of record.
-- When blank or zero: a code without a known department keeps its code as its name.
SELECT
    pledge.pledge_id,
    listed.owner_number,
    on_record.department_code,
    on_record.department_name,
    at_present.department_code AS department_current_code,
    at_present.department_name AS department_current_name
FROM
    core.pledges_on(
        :government_id, CAST(:term_number AS integer), CAST(:reference_date AS date), :as_of
    ) AS pledge
CROSS JOIN
    LATERAL UNNEST(pledge.department_codes)
    WITH ORDINALITY AS listed (department_code, owner_number)
CROSS JOIN
    LATERAL core.department_of_record(
        :government_id, listed.department_code, CAST(:reference_date AS date), :as_of
    ) AS on_record
CROSS JOIN
    LATERAL core.department_of_record(
        :government_id, listed.department_code, CAST(:current_day AS date), :as_of
    ) AS at_present
