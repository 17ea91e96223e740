-- Each row is one pledge that entered or left the pledges in force of a quarter, as the last
-- refresh left it.
-- Reads mart.denominator_history.

SELECT
    pledge_id,
    change_kind,
    reason_name,
    decided_on,
    related_pledge_ids,
    approver,
    count_before,
    count_after
FROM mart.denominator_history
WHERE
    government_id = :government_id
    AND quarter_id = :quarter_id
    AND change_kind IN ('entered', 'left')
ORDER BY decided_on ASC, change_kind DESC, pledge_id ASC
