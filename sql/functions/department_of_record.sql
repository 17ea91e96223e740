-- The department of record of one that is listed, on a day: while it has ended by then, its
-- successor takes its place; as the register was known at a moment. One that the register does not
-- know keeps its code as its name.
CREATE FUNCTION core.department_of_record(
    asked_government text, asked_code text, asked_day date, asked_at timestamptz
)
RETURNS TABLE (department_code text, department_name text)
LANGUAGE sql STABLE
AS $$
WITH RECURSIVE known AS NOT MATERIALIZED (
    SELECT *
    FROM core.dim_department
    WHERE government_id = asked_government
        AND recorded_at <= asked_at
        AND superseded_at > asked_at
),

-- Twenty steps end a circle of successors that the register may hold by mistake.
chain AS (
    SELECT asked_code AS code, 0 AS step
    UNION ALL
    SELECT ended.successor_code, chain.step + 1
    FROM chain
    INNER JOIN LATERAL (
        SELECT known.successor_code, known.valid_to
        FROM known
        WHERE known.department_code = chain.code AND known.valid_from <= asked_day
        ORDER BY known.valid_from DESC
        LIMIT 1
    ) AS ended ON ended.valid_to <= asked_day
    WHERE ended.successor_code IS NOT NULL AND chain.step < 20
)

SELECT last.code, COALESCE(named.department_name, last.code)
FROM (SELECT chain.code FROM chain ORDER BY chain.step DESC LIMIT 1) AS last
LEFT JOIN LATERAL (
    SELECT known.department_name
    FROM known
    WHERE known.department_code = last.code
    ORDER BY known.valid_from <= asked_day DESC, known.valid_from DESC
    LIMIT 1
) AS named ON TRUE
$$;
