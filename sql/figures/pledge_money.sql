-- Each row is: the money of one pledge as a whole, of one source or of one fiscal year of it.
-- Reads: temp table pledge_budget.
-- Formula: won; term_ = fiscal years of the term, past_ = of these the years up to the reporting
--     year, year_ = of one year: of a fiscal year its own, else the reporting year. A joined column
--     is whole: in the term when both its years are, past when its last year is.
-- Basis: domain §4, money; design §7, joined years.
-- When blank or zero: 기투자 and 임기후 are in no term_, past_ or year_ sum; a null sum means none.
WITH line AS (
    SELECT
        pledge_id,
        funding_source_code,
        fiscal_year,
        plan_krw,
        secured_krw,
        executed_krw,
        _last_year,
        _first_year < _last_year AS is_joined,
        COALESCE(_first_year >= :first_year AND _last_year <= :last_year, FALSE) AS is_in_term,
        COALESCE(_first_year = :reporting_year AND _last_year = :reporting_year, FALSE) AS is_now,
        COALESCE(
            _first_year < _last_year
            AND :reporting_year BETWEEN _first_year AND _last_year, FALSE
        ) AND (plan_krw <> 0 OR secured_krw <> 0 OR executed_krw <> 0) AS is_year_joined
    FROM pledge_budget
)

SELECT
    pledge_id,
    CASE
        WHEN GROUPING(funding_source_code) = 0 THEN 'funding_source'
        WHEN GROUPING(fiscal_year) = 0 THEN 'fiscal_year'
        ELSE 'whole'
    END AS part_type,
    COALESCE(funding_source_code, fiscal_year, '') AS part_id,
    CAST(SUM(plan_krw) AS bigint) AS plan_krw,
    CAST(SUM(secured_krw) AS bigint) AS secured_krw,
    CAST(SUM(executed_krw) AS bigint) AS executed_krw,
    CAST(SUM(plan_krw) FILTER (WHERE is_in_term) AS bigint) AS term_plan_krw,
    CAST(SUM(secured_krw) FILTER (WHERE is_in_term) AS bigint) AS term_secured_krw,
    CAST(SUM(executed_krw) FILTER (WHERE is_in_term) AS bigint) AS term_executed_krw,
    CAST(SUM(secured_krw) FILTER (
        WHERE is_in_term AND _last_year <= :reporting_year
    ) AS bigint) AS past_secured_krw,
    CAST(SUM(executed_krw) FILTER (
        WHERE is_in_term AND (NOT is_joined OR _last_year <= :reporting_year)
    ) AS bigint) AS past_executed_krw,
    CAST(
        CASE
            WHEN GROUPING(fiscal_year) = 0 THEN SUM(secured_krw) FILTER (WHERE is_in_term)
            ELSE SUM(secured_krw) FILTER (WHERE is_in_term AND is_now)
        END AS bigint
    ) AS year_secured_krw,
    CAST(
        CASE
            WHEN GROUPING(fiscal_year) = 0 THEN SUM(executed_krw) FILTER (WHERE is_in_term)
            ELSE SUM(executed_krw) FILTER (WHERE is_in_term AND is_now)
        END AS bigint
    ) AS year_executed_krw,
    BOOL_OR(is_year_joined) AS is_year_joined,
    BOOL_OR(plan_krw <> 0 OR secured_krw <> 0 OR executed_krw <> 0) AS has_amount
FROM line
GROUP BY GROUPING SETS ((pledge_id), (pledge_id, funding_source_code), (pledge_id, fiscal_year))
