-- Gives the money lines of a batch without 세부사업 the name of their pledge: it is the pledge itself.
-- Reads staging.quarterly_return__budget, core.pledges_on, core.submission_window.

UPDATE staging.quarterly_return__budget AS cell
SET subproject_name = pledge.pledge_name
FROM audit.submission AS file
LEFT JOIN core.submission_window
    ON
        file.government_id = submission_window.government_id
        AND file.quarter_id = submission_window.quarter_id
        AND submission_window.superseded_at = 'infinity'
INNER JOIN LATERAL core.pledges_on(
    file.government_id, file.term_number,
    COALESCE(submission_window.reference_date, core.quarter_last_day(file.quarter_id))
) AS pledge ON TRUE
WHERE
    file.batch_id = :batch_id
    AND file.state = 'read'
    AND cell.submission_id = file.submission_id
    AND cell.pledge_id = pledge.pledge_id
    AND cell.subproject_name IS NULL
    AND NOT cell.is_total
