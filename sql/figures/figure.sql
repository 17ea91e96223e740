-- Each row is: one figure for one scope.
-- Reads: temp tables scope_sum, pledge_budget.
-- Formula: numerator and denominator by figure_code, see `rate_part`, `money_part`, `year_part`;
--     value = numerator / denominator (R1, R1_IN) or × 100, unrounded to 30 decimals; shown is
--     half-up.
-- Basis: domain §4; design §7, scopes, value_pct.
-- When blank or zero: a denominator of 0 gives no value, `해당 없음` and the reason; PLAN, SECURED
--     and EXECUTED are won and have no denominator.
WITH figure_kind (
    figure_number, figure_code, figure_name, population, factor, decimals, denominator_rule
) AS (
    VALUES
    (
        1, 'R1', '평균 이행률', 'counted', 1, CAST(:other_decimals AS integer),
        '이행률을 신고한 공약: ' || CAST(:population_rule AS text)
    ),
    (
        2, 'R1_IN', '평균 이행률(임기내)', 'counted_in_term', 1, :other_decimals,
        '이행률을 신고한 임기내 공약: ' || :population_rule
    ),
    (
        3, 'R2', '이행완료율', 'counted', 100, :manifesto_decimals,
        :population_rule || ', ' || CAST(:completed_rule AS text)
    ),
    (4, 'R3', '목표달성률', 'counted', 100, :manifesto_decimals, :population_rule),
    (
        5, 'R4', '정상추진율', 'counted', 100, :other_decimals,
        :population_rule || ', ' || :completed_rule
    ),
    (
        6, 'B1', '재정확보율', 'in_force', 100, :manifesto_decimals,
        '계획액 전체(기투자·임기후 포함)'
    ),
    (7, 'B2', '재정확보율(임기내)', 'in_force', 100, :manifesto_decimals, '임기 연도의 계획액'),
    (8, 'B3', '집행률(계획 대비)', 'in_force', 100, :manifesto_decimals, '임기 연도의 계획액'),
    (
        9, 'B4', '집행률(총사업비 대비)', 'in_force', 100, :other_decimals,
        '계획액 전체(기투자·임기후 포함)'
    ),
    (
        10, 'B5', '집행률(확보 대비)', 'in_force', 100, :other_decimals,
        '임기 첫해부터 ' || CAST(:reporting_year AS integer) || '년까지의 확보액'
    ),
    (
        11, 'B5_VOTED', '집행률(확보 전체 대비)', 'in_force', 100, :other_decimals,
        '임기 연도의 확보액 전체'
    ),
    (
        12, 'B6', '당해연도 집행률', 'in_force', 100, :other_decimals,
        :reporting_year || '년 확보액'
    ),
    (13, 'PLAN', '계획액', 'in_force', NULL, NULL, '분모 없음(원)'),
    (14, 'SECURED', '확보액', 'in_force', NULL, NULL, '분모 없음(원)'),
    (15, 'EXECUTED', '집행액', 'in_force', NULL, NULL, '분모 없음(원)')
),

rate_part AS (
    SELECT
        scope.*,
        part.figure_code,
        part.numerator,
        part.denominator,
        part.empty_reason,
        FALSE AS is_hidden
    FROM scope_sum AS scope
    CROSS JOIN
        LATERAL (
            VALUES
            ('R1', scope.rate_sum, scope.rate_count, '이행률을 신고한 공약이 없습니다'),
            ('R1_IN', scope.rate_sum, scope.rate_count, '이행률을 신고한 임기내 공약이 없습니다'),
            ('R2', scope.completed_count, scope.pledge_count, '분모에 드는 공약이 없습니다'),
            ('R3', scope.met_count, scope.pledge_count, '분모에 드는 공약이 없습니다'),
            (
                'R4', scope.completed_count + scope.on_track_count, scope.pledge_count,
                '분모에 드는 공약이 없습니다'
            )
        ) AS part (figure_code, numerator, denominator, empty_reason)
    WHERE
        scope.population <> 'in_force'
        AND NOT (scope.scope_type = 'status' AND part.figure_code IN ('R2', 'R4'))
),

money_part AS (
    SELECT
        scope.*,
        part.figure_code,
        part.numerator,
        part.denominator,
        part.empty_reason,
        part.figure_code = 'B6' AND scope.is_now_joined AS is_hidden
    FROM scope_sum AS scope
    CROSS JOIN
        LATERAL (
            VALUES
            ('B1', scope.secured_krw, scope.plan_krw, '계획액이 없습니다(비예산 사업)'),
            ('B2', scope.term_secured_krw, scope.term_plan_krw, '임기 연도의 계획액이 없습니다'),
            ('B3', scope.term_executed_krw, scope.term_plan_krw, '임기 연도의 계획액이 없습니다'),
            ('B4', scope.executed_krw, scope.plan_krw, '계획액이 없습니다(비예산 사업)'),
            (
                'B5', scope.past_executed_krw, scope.past_secured_krw,
                '임기 첫해부터 ' || :reporting_year || '년까지의 확보액이 없습니다'
            ),
            (
                'B5_VOTED', scope.term_executed_krw, scope.term_secured_krw,
                '임기 연도의 확보액이 없습니다'
            ),
            (
                'B6', scope.now_executed_krw, scope.now_secured_krw,
                :reporting_year || '년 확보액이 없습니다'
            ),
            ('PLAN', scope.plan_krw, NULL, NULL),
            ('SECURED', scope.secured_krw, NULL, NULL),
            ('EXECUTED', scope.executed_krw, NULL, NULL)
        ) AS part (figure_code, numerator, denominator, empty_reason)
    WHERE scope.population = 'in_force' AND scope.scope_type <> 'fiscal_year'
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

year_part AS (
    SELECT
        scope.*,
        part.figure_code,
        part.numerator,
        part.denominator,
        part.empty_reason,
        part.figure_code = 'B6' AND year_fact.is_hidden AS is_hidden
    FROM scope_sum AS scope
    LEFT JOIN year_fact ON scope.scope_id = year_fact.fiscal_year
    CROSS JOIN
        LATERAL (
            VALUES
            ('B3', scope.term_executed_krw, scope.term_plan_krw, '이 연도의 계획액이 없습니다'),
            ('B6', scope.term_executed_krw, scope.term_secured_krw, '이 연도의 확보액이 없습니다'),
            ('PLAN', scope.plan_krw, NULL, NULL),
            ('SECURED', scope.secured_krw, NULL, NULL),
            ('EXECUTED', scope.executed_krw, NULL, NULL)
        ) AS part (figure_code, numerator, denominator, empty_reason)
    WHERE
        scope.scope_type = 'fiscal_year'
        AND (
            COALESCE(year_fact.is_in_term, FALSE)
            OR part.figure_code IN ('PLAN', 'SECURED', 'EXECUTED')
        )
),

measured AS (
    SELECT
        part.*,
        kind.figure_number,
        kind.figure_name,
        kind.factor,
        kind.decimals,
        CASE
            WHEN part.scope_type = 'fiscal_year' AND part.figure_code = 'B3'
                THEN '이 연도의 계획액'
            WHEN part.scope_type = 'fiscal_year' AND part.figure_code = 'B6'
                THEN '이 연도의 확보액'
            ELSE kind.denominator_rule
        END AS denominator_rule,
        COALESCE(part.numerator, 0) AS numerator_or_zero,
        CASE
            WHEN kind.factor IS NULL OR part.is_hidden THEN NULL
            ELSE COALESCE(part.denominator, 0)
        END AS denominator_or_zero
    FROM (
        SELECT * FROM rate_part
        UNION ALL
        SELECT * FROM money_part
        UNION ALL
        SELECT * FROM year_part
    ) AS part
    INNER JOIN figure_kind AS kind
        ON part.figure_code = kind.figure_code AND part.population = kind.population
),

valued AS (
    SELECT
        measured.*,
        CAST(numerator_or_zero AS numeric(60, 30)) * factor
        / NULLIF(denominator_or_zero, 0) AS value_pct
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
    TRIM_SCALE(numerator_or_zero) AS numerator,
    TRIM_SCALE(denominator_or_zero) AS denominator,
    TRIM_SCALE(value_pct) AS value_pct,
    CASE
        WHEN factor IS NULL THEN TO_CHAR(numerator_or_zero, 'FM999,999,999,999,999,999,999,990')
        ELSE COALESCE(CAST(ROUND(value_pct, decimals) AS text), '해당 없음')
    END AS shown,
    CASE
        WHEN factor IS NULL OR value_pct IS NOT NULL THEN NULL
        WHEN is_hidden THEN '해당 연도가 합친 연도의 열에 들어 있어 한 해의 금액을 알 수 없습니다'
        ELSE '분모가 0입니다: ' || empty_reason
    END AS no_value_reason,
    denominator_rule,
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
    AND CASE WHEN population = 'in_force' THEN with_amount_count ELSE denominator_or_zero END
    < CAST(:small_denominator AS integer) AS is_small_denominator,
    figure_number AS _figure_number
FROM valued
