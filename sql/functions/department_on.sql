-- The department that answers for another one's duties on a day: successors followed to that day.
CREATE FUNCTION core.department_on(asked_government text, asked_code text, asked_day date)
RETURNS text
LANGUAGE sql STABLE
AS $$
WITH RECURSIVE chain AS (
    SELECT asked_code AS department_code, 0 AS step
    UNION ALL
    SELECT department.successor_code, chain.step + 1
    FROM chain
    INNER JOIN LATERAL (
        SELECT known.successor_code, known.valid_to
        FROM core.dim_department AS known
        WHERE known.government_id = asked_government
            AND known.department_code = chain.department_code
            AND known.superseded_at = 'infinity'
        ORDER BY known.valid_from DESC
        LIMIT 1
    ) AS department ON department.valid_to <= asked_day
    WHERE department.successor_code IS NOT NULL AND chain.step < 20
)
SELECT chain.department_code FROM chain ORDER BY chain.step DESC LIMIT 1
$$;
