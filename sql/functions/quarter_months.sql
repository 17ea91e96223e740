-- How many months a period takes; 0 for a day.
CREATE FUNCTION core.quarter_months(quarter_id text) RETURNS integer
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE
    WHEN substr(quarter_id, 5, 1) = 'Q' THEN 3
    WHEN substr(quarter_id, 5, 1) = 'H' THEN 6
    WHEN length(quarter_id) = 7 THEN 1
    ELSE 0
END
$$;
