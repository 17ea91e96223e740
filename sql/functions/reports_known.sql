-- Each row is one report of a pledge that was in force before a moment, of every quarter; the
-- moment is the known_at of the file that is checked.
-- Reads core.pledge_report. One SELECT: PostgreSQL works it out within the query that asks.
CREATE FUNCTION core.reports_known(
    asked_government text, asked_term integer, asked_pledge text, known_at timestamptz
)
RETURNS SETOF core.pledge_report
LANGUAGE sql STABLE
AS $$
SELECT report.*
FROM core.pledge_report AS report
WHERE report.government_id = asked_government
    AND report.term_number = asked_term
    AND report.pledge_id = asked_pledge
    AND report.accepted_at < known_at
    AND report.superseded_at >= known_at
$$;
