-- Each row is one pledge in force on a day: confirmed by then, and not gone by a decision. Nobody
-- owes a report on one that is closed. As known at a moment, by default as it is known.
-- Reads core.pledges_on, core.pledge_standing: what decisions mean is asked once, not per pledge.
CREATE FUNCTION core.pledges_in_force(
    asked_government text, asked_term integer, asked_day date,
    asked_at timestamptz DEFAULT '9999-12-31'
)
RETURNS TABLE (pledge core.dim_pledge, is_closed boolean)
LANGUAGE sql STABLE
AS $$
WITH standing AS MATERIALIZED (
    SELECT * FROM core.pledge_standing(asked_government, asked_term, asked_day, asked_at)
)

SELECT known, COALESCE(standing.is_closed, FALSE)
FROM core.pledges_on(asked_government, asked_term, asked_day, asked_at) AS known
LEFT JOIN standing ON known.pledge_id = standing.pledge_id
WHERE known.confirmed_date <= asked_day AND NOT COALESCE(standing.has_left, FALSE)
$$;
