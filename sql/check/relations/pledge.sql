-- Each row is one pledge of one return: what its tables say together, beside its last report.
-- Reads checked__progress, __budget_cell, __budget_line, __budget_year, __past_amount,
-- core. In won.
-- Its place is its first row in 예산, or its row in 공약현황 when it has no money; plan_* and
-- executed_* name its largest amounts. known_plan_krw is what the report in force now says, of this
-- quarter or the newest before it. is_money_doubtful: an amount that cannot be read, is negative or
-- stands on a line twice is told by a rule of its own, and no sum over it says anything.
-- has_nameless_*: a line of this file without a number may be this pledge's.

WITH place AS (
    SELECT
        submission_id,
        pledge_id,
        MIN(_table) AS _table,
        (
            ARRAY_AGG(_row ORDER BY amount DESC NULLS LAST, _row ASC)
            FILTER (WHERE measure <> 'executed')
        )[1
        ] AS plan_row,
        (
            ARRAY_AGG(field ORDER BY amount DESC NULLS LAST, _row ASC)
            FILTER (WHERE measure <> 'executed')
        )[1
        ] AS plan_field,
        (
            ARRAY_AGG(_row ORDER BY amount DESC NULLS LAST, _row ASC)
            FILTER (WHERE measure = 'executed')
        )[1
        ] AS executed_row,
        (
            ARRAY_AGG(field ORDER BY amount DESC NULLS LAST, _row ASC)
            FILTER (WHERE measure = 'executed')
        )[1
        ] AS executed_field
    FROM checked__budget_cell
    WHERE pledge_id IS NOT NULL
    GROUP BY submission_id, pledge_id
),

total AS (
    SELECT
        submission_id,
        pledge_id,
        MIN(_row) AS first_row,
        SUM(secured_krw + demand_krw) AS plan_krw,
        SUM(secured_krw) AS secured_krw,
        SUM(executed_krw) AS executed_krw
    FROM checked__budget_year
    WHERE pledge_id IS NOT NULL
    GROUP BY submission_id, pledge_id
),

money AS (
    SELECT *
    FROM total
    INNER JOIN place USING (submission_id, pledge_id)
),

past AS (
    SELECT
        submission_id,
        pledge_id,
        SUM(now_krw - before_krw) FILTER (WHERE measure = 'executed') AS past_executed_change_krw
    FROM checked__past_amount
    GROUP BY submission_id, pledge_id
),

doubtful AS (
    SELECT
        submission_id,
        pledge_id
    FROM checked__budget_cell
    WHERE amount_kind = 'unreadable' OR amount < 0
    UNION
    SELECT
        submission_id,
        pledge_id
    FROM checked__budget_line
    WHERE occurrence > 1
),

line AS (
    SELECT *
    FROM checked__progress
    WHERE occurrence = 1 AND pledge_id IS NOT NULL
)

SELECT
    scope.submission_id,
    COALESCE(money._table, line._table) AS _table,
    COALESCE(money.first_row, line._row) AS _row,
    COALESCE(money.plan_row, money.first_row) AS plan_row,
    COALESCE(money.plan_field, 'pledge_id') AS plan_field,
    COALESCE(money.executed_row, money.first_row) AS executed_row,
    COALESCE(money.executed_field, 'pledge_id') AS executed_field,
    known.plan_krw AS known_plan_krw,
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
    COALESCE(past.past_executed_change_krw, 0) AS past_executed_change_krw,
    core.unit_factor(
        money.plan_krw,
        pledge.declared_total_krw,
        STRING_TO_ARRAY(CURRENT_SETTING('gongyak.unit_factors'), ',')::numeric[],
        CURRENT_SETTING('gongyak.unit_nearness')::numeric
    ) IS NOT NULL AS is_likely_unit_of_total,
    line.pledge_id IS NOT NULL AS has_progress,
    money.submission_id IS NOT NULL AS has_money,
    doubtful.submission_id IS NOT NULL AS is_money_doubtful,
    EXISTS(
        SELECT 1
        FROM checked__progress AS nameless
        WHERE nameless.submission_id = scope.submission_id AND nameless.pledge_id IS NULL
    ) AS has_nameless_progress,
    EXISTS(
        SELECT 1
        FROM checked__budget_line AS nameless
        WHERE nameless.submission_id = scope.submission_id AND nameless.pledge_id IS NULL
    ) AS has_nameless_money
FROM line
FULL OUTER JOIN money USING (submission_id, pledge_id)
LEFT JOIN doubtful USING (submission_id, pledge_id)
LEFT JOIN past USING (submission_id, pledge_id)
INNER JOIN checked__submission AS scope USING (submission_id)
LEFT JOIN LATERAL core.pledges_on(
    scope.government_id, scope.term_number, scope.reference_date
) AS pledge ON pledge.pledge_id = COALESCE(line.pledge_id, money.pledge_id)
LEFT JOIN LATERAL (
    SELECT
        report.quarter_id,
        SUM(budget.plan_krw) AS plan_krw,
        SUM(budget.executed_krw) AS executed_krw
    FROM
        core.reports_until(
            scope.government_id, scope.term_number, COALESCE(line.pledge_id, money.pledge_id),
            scope.quarter_id, scope.reference_date, scope.known_until
        ) AS report
    INNER JOIN core.fct_quarterly_budget AS budget USING (report_id)
    WHERE report.quarter_id <> scope.quarter_id
    GROUP BY report.quarter_id, report.place
    ORDER BY report.place
    LIMIT 1
) AS previous ON TRUE
LEFT JOIN LATERAL (
    SELECT
        report.quarter_id,
        SUM(budget.plan_krw) AS plan_krw
    FROM
        core.reports_until(
            scope.government_id, scope.term_number, line.pledge_id, scope.quarter_id,
            scope.reference_date, scope.known_until
        ) AS report
    LEFT JOIN core.fct_quarterly_budget AS budget USING (report_id)
    GROUP BY report.quarter_id, report.place
    ORDER BY report.place
    LIMIT 1
) AS known ON money.submission_id IS NULL
