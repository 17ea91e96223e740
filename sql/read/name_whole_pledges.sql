-- Gives the money lines of a batch without 세부사업 the name of their pledge: it is the pledge itself.
-- Reads staging.quarterly_return__budget, core.dim_pledge, core.submission_window.

UPDATE staging.quarterly_return__budget AS cell
SET subproject_name = pledge.pledge_name
FROM audit.submission AS file
LEFT JOIN core.submission_window
    ON
        file.government_id = submission_window.government_id
        AND file.quarter_id = submission_window.quarter_id
        AND submission_window.superseded_at = 'infinity'
INNER JOIN core.dim_pledge AS pledge
    ON
        file.government_id = pledge.government_id
        AND file.term_number = pledge.term_number
        AND pledge.superseded_at = 'infinity'
        AND COALESCE(
            submission_window.reference_date, core.quarter_last_day(file.quarter_id)
        ) >= pledge.valid_from
        AND COALESCE(
            submission_window.reference_date, core.quarter_last_day(file.quarter_id)
        ) < pledge.valid_to
WHERE
    file.batch_id = :batch_id
    AND file.state = 'read'
    AND cell.submission_id = file.submission_id
    AND cell.pledge_id = pledge.pledge_id
    AND cell.subproject_name IS NULL
    AND NOT cell.is_total
