-- Each row is one pledge of one return: what its tables say together, beside its last report.
-- Reads staging.checked__progress, staging.checked__budget_year, core. Amounts in won.
-- Its place is its row in 공약현황, or its first row in 예산 when 공약현황 has none.

WITH money AS (
    SELECT
        submission_id,
        pledge_id,
        MIN(_table) AS _table,
        MIN(_row) AS _row,
        SUM(secured_krw + demand_krw) AS plan_krw,
        SUM(secured_krw) AS secured_krw,
        SUM(executed_krw) AS executed_krw,
        BOOL_OR(has_unreadable) AS has_unreadable
    FROM staging.checked__budget_year
    WHERE pledge_id IS NOT NULL
    GROUP BY submission_id, pledge_id
),

line AS (
    SELECT *
    FROM staging.checked__progress
    WHERE occurrence = 1 AND pledge_id IS NOT NULL
)

SELECT
    scope.submission_id,
    COALESCE(line._table, money._table) AS _table,
    COALESCE(line._row, money._row) AS _row,
    COALESCE(line.pledge_id, money.pledge_id) AS pledge_id,
    ''::text AS row_key,
    'pledge_id'::text AS field,
    line.status_code,
    line.rate_pct,
    money.plan_krw,
    money.secured_krw,
    money.executed_krw,
    pledge.declared_total_krw,
    pledge.budget_class_code,
    previous.quarter_id AS previous_quarter_id,
    previous.plan_krw AS previous_plan_krw,
    previous.executed_krw AS previous_executed_krw,
    line.pledge_id IS NOT NULL AS has_progress,
    money.submission_id IS NOT NULL AS has_money,
    COALESCE(money.has_unreadable, FALSE) AS has_unreadable
FROM line
FULL OUTER JOIN money USING (submission_id, pledge_id)
INNER JOIN staging.checked__submission AS scope USING (submission_id)
LEFT JOIN core.dim_pledge AS pledge
    ON
        scope.government_id = pledge.government_id
        AND scope.term_number = pledge.term_number
        AND pledge.pledge_id = COALESCE(line.pledge_id, money.pledge_id)
        AND pledge.superseded_at = 'infinity'
        AND scope.reference_date >= pledge.valid_from
        AND scope.reference_date < pledge.valid_to
LEFT JOIN LATERAL (
    SELECT
        report.quarter_id,
        SUM(budget.plan_krw) AS plan_krw,
        SUM(budget.executed_krw) AS executed_krw
    FROM core.pledge_report AS report
    INNER JOIN core.fct_quarterly_budget AS budget USING (report_id)
    WHERE
        report.government_id = scope.government_id
        AND report.term_number = scope.term_number
        AND report.pledge_id = COALESCE(line.pledge_id, money.pledge_id)
        AND report.quarter_id < scope.quarter_id
        AND report.superseded_at = 'infinity'
    GROUP BY report.quarter_id
    ORDER BY report.quarter_id DESC
    LIMIT 1
) AS previous ON TRUE
