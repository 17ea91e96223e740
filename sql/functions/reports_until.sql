-- Each row is one report of a pledge that was in force at a moment and is of a period whose 기준일
-- is not after a day, the latest first: reports of several kinds of period carry forward to each
-- other. Of the periods of one 기준일 the asked one stands first, then what was received last.
-- Reads core.pledge_report, core.submission_window. One SELECT: PostgreSQL works it out within the
-- query that asks.
CREATE FUNCTION core.reports_until(
    asked_government text, asked_term integer, asked_pledge text, asked_quarter text,
    asked_day date, asked_at timestamptz
)
RETURNS TABLE (
    report_id bigint, quarter_id text, is_late boolean, is_of_day boolean, place bigint
)
LANGUAGE sql STABLE
AS $$
SELECT
    report.report_id,
    report.quarter_id,
    report.is_late,
    report.quarter_id = asked_quarter OR dated.reference_date = asked_day AS is_of_day,
    ROW_NUMBER() OVER (
        ORDER BY
            report.quarter_id = asked_quarter DESC, dated.reference_date DESC,
            report.received_at DESC, report.quarter_id DESC
    ) AS place
FROM core.pledge_report AS report
LEFT JOIN core.submission_window AS calendar
    ON
        report.government_id = calendar.government_id
        AND report.quarter_id = calendar.quarter_id
        AND calendar.recorded_at <= asked_at
        AND calendar.superseded_at > asked_at
CROSS JOIN LATERAL (
    VALUES (COALESCE(calendar.reference_date, core.quarter_last_day(report.quarter_id)))
) AS dated (reference_date)
WHERE report.government_id = asked_government
    AND report.term_number = asked_term
    AND report.pledge_id = asked_pledge
    AND report.accepted_at <= asked_at
    AND report.superseded_at > asked_at
    AND (report.quarter_id = asked_quarter OR dated.reference_date <= asked_day)
$$;
