-- The department of a name, as written, on a day; blanks do not count.
CREATE FUNCTION core.department_named(
    asked_government text, asked_name text, asked_day date
)
RETURNS text
LANGUAGE sql STABLE
AS $$
SELECT known.department_code
FROM core.dim_department AS known
WHERE known.government_id = asked_government
    AND known.superseded_at = 'infinity'
    AND regexp_replace(known.department_name, '\s', '', 'g')
    = regexp_replace(asked_name, '\s', '', 'g')
ORDER BY asked_day >= known.valid_from AND asked_day < known.valid_to DESC, known.valid_from DESC
LIMIT 1
$$;
