-- Every sum is one of pledges: those of the governments are added, and no rate is averaged.
CREATE VIEW mart.set_figure AS
WITH figure AS (
    SELECT * FROM mart.implementation_rate
    UNION ALL
    SELECT * FROM mart.budget_execution
),

member AS (
    SELECT
        set_id,
        set_name,
        government_id,
        COUNT(*) OVER (PARTITION BY set_id) AS member_count
    FROM mart.government_set
),

-- How many governments of a set have figures of a quarter, with this scope or without.
computed AS (
    SELECT
        member.set_id,
        computed.quarter_id,
        COUNT(*) AS government_count
    FROM member
    INNER JOIN mart.computed_quarter AS computed USING (government_id)
    GROUP BY member.set_id, computed.quarter_id
),

summed AS (
    SELECT
        figure.quarter_id,
        member.set_id,
        member.set_name,
        figure.figure_code,
        figure.scope_type,
        figure.scope_id,
        MIN(figure.scope_name) AS scope_name,
        SUM(figure.numerator) AS numerator,
        CASE
            WHEN COUNT(figure.denominator) = COUNT(*) THEN SUM(figure.denominator)
        END AS denominator,
        COUNT(*) - COUNT(figure.denominator) AS hidden_count,
        MAX(
            CASE WHEN figure.value_pct IS NOT NULL THEN SCALE(CAST(figure.shown AS numeric)) END
        ) AS places,
        SUM(figure.pledge_count) AS pledge_count,
        SUM(figure.owing_count) AS owing_count,
        SUM(ROUND(figure.coverage_pct * figure.owing_count / 100)) AS answered_count,
        MAX(member.member_count) AS member_count
    FROM figure
    INNER JOIN member USING (government_id)
    WHERE figure.scope_type NOT IN ('field', 'department', 'department_current')
    GROUP BY
        figure.quarter_id, member.set_id, member.set_name, figure.figure_code,
        figure.scope_type, figure.scope_id
),

valued AS (
    SELECT
        summed.*,
        measure.figure_name,
        measure.figure_number,
        measure.factor,
        CAST(summed.numerator AS numeric(60, 30)) * measure.factor
        / NULLIF(summed.denominator, 0) AS value_pct
    FROM summed
    INNER JOIN core.measure AS measure USING (figure_code)
)

SELECT
    valued.quarter_id,
    valued.set_id,
    valued.set_name,
    valued.figure_code,
    valued.figure_name,
    valued.scope_type,
    valued.scope_id,
    valued.scope_name,
    TRIM_SCALE(valued.numerator) AS numerator,
    TRIM_SCALE(valued.denominator) AS denominator,
    TRIM_SCALE(valued.value_pct) AS value_pct,
    CASE
        WHEN valued.factor IS NULL
            THEN TO_CHAR(valued.numerator, 'FM999,999,999,999,999,999,999,990')
        ELSE COALESCE(CAST(ROUND(valued.value_pct, valued.places) AS text), '해당 없음')
    END AS shown,
    CASE
        WHEN valued.factor IS NULL OR valued.value_pct IS NOT NULL THEN NULL
        WHEN valued.hidden_count > 0
            THEN '한 해의 금액을 알 수 없는 기관이 ' || valued.hidden_count || '곳 있습니다'
        ELSE '분모가 0입니다'
    END AS no_value_reason,
    CAST(valued.pledge_count AS integer) AS pledge_count,
    CAST(valued.owing_count AS integer) AS owing_count,
    TRIM_SCALE(
        CAST(valued.answered_count AS numeric(60, 30)) * 100 / NULLIF(valued.owing_count, 0)
    ) AS coverage_pct,
    CAST(computed.government_count AS integer) AS government_count,
    CAST(valued.member_count AS integer) AS member_count
FROM valued
INNER JOIN computed
    ON valued.quarter_id = computed.quarter_id AND valued.set_id = computed.set_id;
