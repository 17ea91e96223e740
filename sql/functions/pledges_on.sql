-- Each row is one pledge of a term as the register describes it on a day, confirmed or not; as the
-- register was known at a moment, by default as it is known.
-- Reads core.dim_pledge. One SELECT: PostgreSQL works it out within the query that asks.
CREATE FUNCTION core.pledges_on(
    asked_government text, asked_term integer, asked_day date,
    asked_at timestamptz DEFAULT '9999-12-31'
)
RETURNS SETOF core.dim_pledge
LANGUAGE sql STABLE
AS $$
SELECT known.*
FROM core.dim_pledge AS known
WHERE known.government_id = asked_government
    AND known.term_number = asked_term
    AND known.valid_from <= asked_day
    AND known.valid_to > asked_day
    AND known.recorded_at <= asked_at
    AND known.superseded_at > asked_at
$$;
