-- The waiver of a rule that covers one pledge's report of a quarter, as known at a moment and not
-- expired by then; no row where none does. The department is followed to its successor on a day. Of
-- several waivers the one that lasts longest counts.
CREATE FUNCTION core.waiver_covering(
    asked_government text, asked_rule text, asked_quarter text, asked_department text,
    asked_pledge text, asked_day date, asked_at timestamptz
)
RETURNS SETOF audit.waiver
LANGUAGE sql STABLE
AS $$
SELECT known.*
FROM audit.waiver AS known
WHERE
    known.government_id = asked_government
    AND known.rule_id = asked_rule
    AND known.recorded_at <= asked_at
    AND known.superseded_at > asked_at
    AND known.expires_on >= CAST(asked_at AT TIME ZONE 'Asia/Seoul' AS date)
    AND core.quarter_last_day(asked_quarter)
    BETWEEN core.quarter_first_day(known.first_quarter_id)
    AND COALESCE(core.quarter_last_day(known.last_quarter_id), 'infinity')
    AND COALESCE(known.pledge_id = asked_pledge, known.pledge_id IS NULL)
    AND (
        known.department_code IS NULL
        OR asked_department
        = core.department_on(known.government_id, known.department_code, asked_day)
    )
ORDER BY known.expires_on DESC, known.waiver_id ASC
LIMIT 1
$$;
