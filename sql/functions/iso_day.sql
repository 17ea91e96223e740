-- A day as 2021-12-06, whatever a session's style of dates.
CREATE FUNCTION core.iso_day(asked_day date) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT
    lpad(extract(YEAR FROM asked_day)::text, 4, '0')
    || '-' || lpad(extract(MONTH FROM asked_day)::text, 2, '0')
    || '-' || lpad(extract(DAY FROM asked_day)::text, 2, '0')
$$;
