-- Each row is: one figure for one scope.
-- Reads: temp tables scope_sum, pledge_budget; core.measure, which says what a figure is made of.
-- Formula: value = numerator × factor / denominator, both a column of scope_sum, unrounded to 30
--     decimals; shown is half-up. A figure without a factor is won and has no denominator.
-- Basis: domain §4; design §7, scopes, value_pct.
-- When blank or zero: a denominator of 0 gives no value, `해당 없음` and the reason. Of the fiscal
--     years only those of the term have rates. A scope that no pledge is in has a row only of the
--     figures that list every code. A figure that is silent when empty has no row with a
--     denominator of 0.
WITH kind AS (
    SELECT
        measure.*,
        CASE measure.decimals
            WHEN 'manifesto' THEN CAST(:manifesto_decimals AS integer)
            WHEN 'other' THEN CAST(:other_decimals AS integer)
        END AS places,
        REPLACE(
            REPLACE(
                REPLACE(measure.rule, '{population}', CAST(:population_rule AS text)),
                '{completed}', CAST(:completed_rule AS text)
            ),
            '{year}', CAST(CAST(:reporting_year AS integer) AS text)
        ) AS rule_told,
        REPLACE(measure.empty_reason, '{year}', CAST(:reporting_year AS text)) AS empty_told
    FROM core.measure AS measure
),

known_year AS (
    SELECT
        fiscal_year,
        _first_year,
        _last_year,
        BOOL_OR(plan_krw <> 0 OR secured_krw <> 0 OR executed_krw <> 0) AS has_amount
    FROM pledge_budget
    WHERE _first_year IS NOT NULL
    GROUP BY fiscal_year, _first_year, _last_year
),

-- A joined column with money hides what its single years hold.
year_fact AS (
    SELECT
        known.fiscal_year,
        known._first_year >= :first_year AND known._last_year <= :last_year AS is_in_term,
        known._first_year < known._last_year OR EXISTS (
            SELECT 1
            FROM known_year AS hiding
            WHERE
                hiding._first_year < hiding._last_year
                AND hiding.has_amount
                AND known._first_year BETWEEN hiding._first_year AND hiding._last_year
        ) AS is_hidden
    FROM known_year AS known
),

scope AS (
    SELECT
        scope_sum.*,
        scope_sum.scope_type = 'fiscal_year' AS is_year,
        COALESCE(year_fact.is_in_term, scope_sum.scope_type <> 'fiscal_year') AS has_rate,
        COALESCE(year_fact.is_hidden, scope_sum.is_year_joined) AS is_year_hidden,
        TO_JSONB(scope_sum) AS sums
    FROM scope_sum
    LEFT JOIN year_fact
        ON scope_sum.scope_type = 'fiscal_year' AND scope_sum.scope_id = year_fact.fiscal_year
),

-- Looked at for every figure: three rows, where scope has hundreds.
whole AS MATERIALIZED (
    SELECT
        scope.population,
        scope.has_pledge,
        scope.sums
    FROM scope
    WHERE scope.scope_type = 'all'
),

measured AS (
    SELECT
        scope.*,
        kind.figure_number,
        kind.figure_code,
        kind.figure_name,
        kind.counts_pledges,
        kind.factor,
        kind.places,
        CASE WHEN scope.is_year THEN kind.year_rule END AS year_rule,
        CASE WHEN scope.is_year THEN kind.year_empty_reason END AS year_empty_reason,
        kind.rule_told,
        kind.empty_told,
        kind.looks_at_one_year AND scope.is_year_hidden AS is_hidden,
        COALESCE(CAST(scope.sums ->> kind.numerator_sum AS numeric), 0) AS numerator,
        CASE
            WHEN kind.factor IS NULL OR kind.looks_at_one_year AND scope.is_year_hidden THEN NULL
            ELSE COALESCE(
                CAST(
                    CASE WHEN kind.is_of_all THEN whole.sums ELSE scope.sums END
                    ->> kind.denominator_sum AS numeric
                ), 0
            )
        END AS denominator
    FROM scope
    INNER JOIN kind
        ON scope.population = kind.population AND scope.scope_type = ANY(kind.scope_types)
    LEFT JOIN whole ON scope.population = whole.population
    WHERE
        (scope.has_rate OR kind.factor IS NULL)
        AND NOT (
            kind.is_silent_when_empty
            AND COALESCE(
                CAST(
                    CASE WHEN kind.is_of_all THEN whole.sums ELSE scope.sums END
                    ->> kind.denominator_sum AS numeric
                ), 0
            ) = 0
        )
        AND (scope.has_pledge OR (kind.lists_every_code AND whole.has_pledge))
),

valued AS (
    SELECT
        measured.*,
        CAST(numerator AS numeric(60, 30)) * factor / NULLIF(denominator, 0) AS value_pct
    FROM measured
)

SELECT
    CAST(:quarter_id AS text) AS quarter_id,
    CAST(:government_id AS text) AS government_id,
    figure_code,
    figure_name,
    scope_type,
    scope_id,
    scope_name,
    TRIM_SCALE(numerator) AS numerator,
    TRIM_SCALE(denominator) AS denominator,
    TRIM_SCALE(value_pct) AS value_pct,
    CASE
        WHEN factor IS NULL THEN TO_CHAR(numerator, 'FM999,999,999,999,999,999,999,990')
        ELSE COALESCE(CAST(ROUND(value_pct, places) AS text), '해당 없음')
    END AS shown,
    CASE
        WHEN factor IS NULL OR value_pct IS NOT NULL THEN NULL
        WHEN is_hidden THEN '해당 연도가 합친 연도의 열에 들어 있어 한 해의 금액을 알 수 없습니다'
        ELSE '분모가 0입니다: ' || COALESCE(year_empty_reason, empty_told)
    END AS no_value_reason,
    COALESCE(year_rule, rule_told) AS denominator_rule,
    CAST(pledge_count AS integer) AS pledge_count,
    CAST(reported_count AS integer) AS reported_count,
    CAST(carried_forward_count AS integer) AS carried_forward_count,
    CAST(with_amount_count AS integer) AS with_amount_count,
    CAST(owing_count AS integer) AS owing_count,
    TRIM_SCALE(
        CAST(answered_count AS numeric(60, 30)) * 100 / NULLIF(owing_count, 0)
    ) AS coverage_pct,
    CAST(waiver_count AS integer) AS waiver_count,
    value_pct IS NOT NULL
    AND CASE WHEN counts_pledges THEN denominator ELSE with_amount_count END
    < CAST(:small_denominator AS integer) AS is_small_denominator,
    figure_number AS _figure_number,
    counts_pledges AS _counts_pledges
FROM valued
