-- The day that a period is as of: 기준일 of the calendar as known at a moment, by default as it is
-- known, else the period's last day.
CREATE FUNCTION core.reference_date(
    asked_government text, asked_quarter text, asked_at timestamptz DEFAULT '9999-12-31'
)
RETURNS date
LANGUAGE sql STABLE
AS $$
SELECT COALESCE(
    (
        SELECT known.reference_date
        FROM core.submission_window AS known
        WHERE known.government_id = asked_government
            AND known.quarter_id = asked_quarter
            AND known.recorded_at <= asked_at
            AND known.superseded_at > asked_at
        ORDER BY known.recorded_at DESC
        LIMIT 1
    ),
    core.quarter_last_day(asked_quarter)
)
$$;
