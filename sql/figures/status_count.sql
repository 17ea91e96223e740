-- Each row is: the pledges of one status in one scope.
-- Reads: temp tables pledge_status, scope_member.
-- Formula: count of pledges in force on 기준일, whatever the denominator rule of the rates.
-- Basis: design §7, report in force: the status counted is the reported one.
-- When blank or zero: a status that no pledge has does not appear.
SELECT
    status.quarter_id,
    status.government_id,
    member.scope_type,
    member.scope_id,
    member.scope_name,
    status.status_code,
    status.status_name,
    CAST(COUNT(*) AS integer) AS pledge_count
FROM scope_member AS member
INNER JOIN pledge_status AS status ON member.pledge_id = status.pledge_id
WHERE
    member.scope_type IN (
        'all', 'field', 'department', 'department_current', 'due', 'project_type'
    )
GROUP BY
    status.quarter_id,
    status.government_id,
    member.scope_type,
    member.scope_id,
    member.scope_name,
    status.status_code,
    status.status_name
