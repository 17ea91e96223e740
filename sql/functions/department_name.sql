-- The name a department has, or last had, in the register as it is known now.
CREATE FUNCTION core.department_name(asked_government text, asked_code text) RETURNS text
LANGUAGE sql STABLE
AS $$
SELECT known.department_name
FROM core.dim_department AS known
WHERE known.government_id = asked_government
    AND known.department_code = asked_code
    AND known.superseded_at = 'infinity'
ORDER BY known.valid_from DESC
LIMIT 1
$$;
