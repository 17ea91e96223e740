-- Which factor of units (100, 1,000, …) one amount is away from another, give or take a share: the
-- factor where it is larger, minus the factor where it is smaller, else null.
CREATE FUNCTION core.unit_factor(
    amount_krw numeric, reference_krw numeric, factors numeric[], nearness numeric
) RETURNS numeric
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE WHEN amount_krw > reference_krw THEN factor ELSE -factor END
FROM UNNEST(factors) AS factor
WHERE
    amount_krw > 0 AND reference_krw > 0
    AND GREATEST(amount_krw, reference_krw) / LEAST(amount_krw, reference_krw)
    BETWEEN factor * (1 - nearness) AND factor * (1 + nearness)
LIMIT 1
$$;
