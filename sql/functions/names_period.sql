-- Whether a folder's name is that of a period: of any quarter, or of another kind that the calendar
-- of the government names. Other days, as 2021-12-06, may be anything to those who name folders.
CREATE FUNCTION core.names_period(asked_government text, asked_name text) RETURNS boolean
LANGUAGE sql STABLE
AS $$
SELECT
    COALESCE(core.quarter_kind(asked_name) = 'quarter', FALSE)
    OR EXISTS (
        SELECT 1
        FROM core.submission_window AS known
        WHERE known.government_id = asked_government
            AND known.quarter_id = asked_name
            AND known.superseded_at = 'infinity'
    )
$$;
