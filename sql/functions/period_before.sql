-- The period that one is compared with: the one before it of its kind. Days do not follow one
-- another in a calendar: theirs is the last earlier day that the calendar or a report names, as
-- known at a moment, else the day before. Analysts ask it in a view, and read no core of their own.
CREATE FUNCTION core.period_before(
    asked_government text, asked_quarter text, asked_at timestamptz DEFAULT '9999-12-31'
)
RETURNS text
LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog
AS $$
SELECT COALESCE(
    CASE core.quarter_kind(asked_quarter)
        WHEN 'day'
            THEN
                (
                    SELECT MAX(named.quarter_id)
                    FROM (
                        SELECT known.quarter_id
                        FROM core.submission_window AS known
                        WHERE known.government_id = asked_government
                            AND known.recorded_at <= asked_at
                            AND known.superseded_at > asked_at
                        UNION ALL
                        SELECT report.quarter_id
                        FROM core.pledge_report AS report
                        WHERE report.government_id = asked_government
                            AND report.accepted_at <= asked_at
                    ) AS named
                    WHERE core.quarter_kind(named.quarter_id) = 'day'
                        AND named.quarter_id < asked_quarter
                )
    END,
    core.quarter_before(asked_quarter, 1)
)
$$;
