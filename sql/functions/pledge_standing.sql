-- What the decisions known at a moment mean for a pledge on a day: whether it has left the pledges
-- in force (통합, unless it is the one that remains; 분리, unless it is among its own parts), and
-- whether it is closed (완료확정, 폐기): in force, but nobody owes a report on it.
CREATE FUNCTION core.pledge_standing(
    asked_government text, asked_term integer, asked_day date, asked_at timestamptz
)
RETURNS TABLE (pledge_id text, has_left boolean, is_closed boolean)
LANGUAGE sql STABLE
AS $$
WITH decision AS (
    SELECT
        change.pledge_id,
        change.change_code,
        core.named_ids(change.after_text) AS named_ids
    FROM core.pledge_change AS change
    WHERE change.government_id = asked_government
        AND change.term_number = asked_term
        AND change.change_date <= asked_day
        AND change.recorded_at <= asked_at
        AND change.superseded_at > asked_at
)

SELECT
    decision.pledge_id,
    bool_or(
        (decision.change_code = 'SPLIT' AND decision.pledge_id <> ALL(decision.named_ids))
        OR (decision.change_code = 'MERGED' AND decision.named_ids <> ARRAY[decision.pledge_id])
    ) AS has_left,
    bool_or(decision.change_code IN ('COMPLETED', 'DROPPED')) AS is_closed
FROM decision
GROUP BY decision.pledge_id
$$;
