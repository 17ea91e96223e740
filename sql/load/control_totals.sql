-- Each row is one file of the batch whose accepted content differs between staging and core; no row
-- means that all totals agree. Reads staging, audit.pledge_verdict, core.

WITH accepted AS (
    SELECT
        pledge_verdict.submission_id,
        pledge_verdict.pledge_id
    FROM audit.pledge_verdict
    INNER JOIN audit.submission USING (submission_id)
    WHERE
        submission.batch_id = :batch_id
        AND submission.state = 'checked'
        AND pledge_verdict.verdict = 'accepted'
        AND pledge_verdict.superseded_at = 'infinity'
),

-- 임기후 is plan only, and 기투자 is never executed.
counted AS (
    SELECT
        submission_id,
        cell.amount,
        CASE
            WHEN cell.measure = 'secured' AND cell.fiscal_year = 'post_term' THEN 'demand'
            ELSE cell.measure
        END AS measure
    FROM accepted
    INNER JOIN staging.quarterly_return__budget AS cell USING (submission_id, pledge_id)
    WHERE
        NOT cell.is_total
        AND cell.fiscal_year <> 'total'
        AND cell.measure <> 'plan'
        AND (cell.measure <> 'executed' OR cell.fiscal_year ~ '^\d')
),

staged AS (
    SELECT
        submission_id,
        'reports' AS measure,
        COUNT(*)::numeric AS total
    FROM accepted
    GROUP BY submission_id
    UNION ALL
    SELECT
        submission_id,
        'rates' AS measure,
        COALESCE(SUM(line.rate), 0) AS total
    FROM accepted
    INNER JOIN staging.quarterly_return__progress AS line USING (submission_id, pledge_id)
    GROUP BY submission_id
    UNION ALL
    SELECT
        submission_id,
        measure,
        SUM(amount) AS total
    FROM counted
    GROUP BY submission_id, measure
    UNION ALL
    SELECT
        submission_id,
        'achievements' AS measure,
        COUNT(*)::numeric AS total
    FROM accepted
    INNER JOIN staging.quarterly_return__achievement USING (submission_id, pledge_id)
    GROUP BY submission_id
    UNION ALL
    SELECT
        submission_id,
        'subprojects' AS measure,
        COUNT(*)::numeric AS total
    FROM accepted
    INNER JOIN staging.quarterly_return__subproject AS line USING (submission_id, pledge_id)
    WHERE line.status IS NOT NULL
    GROUP BY submission_id
),

report AS (
    SELECT
        pledge_report.submission_id,
        pledge_report.report_id
    FROM core.pledge_report
    INNER JOIN audit.submission USING (submission_id)
    WHERE
        submission.batch_id = :batch_id
        AND submission.state = 'checked'
        AND pledge_report.reinstates_report_id IS NULL
),

money AS (
    SELECT
        report.submission_id,
        SUM(fct_quarterly_budget.secured_krw) AS secured,
        SUM(fct_quarterly_budget.plan_krw - fct_quarterly_budget.secured_krw) AS demand,
        SUM(fct_quarterly_budget.executed_krw) AS executed
    FROM report
    INNER JOIN core.fct_quarterly_budget USING (report_id)
    GROUP BY report.submission_id
),

loaded AS (
    SELECT
        submission_id,
        'reports' AS measure,
        COUNT(*)::numeric AS total
    FROM report
    GROUP BY submission_id
    UNION ALL
    SELECT
        submission_id,
        'rates' AS measure,
        COALESCE(SUM(fct_quarterly_progress.declared_rate_pct), 0) AS total
    FROM report
    INNER JOIN core.fct_quarterly_progress USING (report_id)
    GROUP BY submission_id
    UNION ALL
    SELECT
        money.submission_id,
        part.measure,
        part.total
    FROM money
    CROSS JOIN
        LATERAL (
            VALUES ('secured', money.secured),
            ('demand', money.demand),
            ('executed', money.executed)
        ) AS part (measure, total)
    UNION ALL
    SELECT
        submission_id,
        'achievements' AS measure,
        COUNT(*)::numeric AS total
    FROM report
    INNER JOIN core.achievement USING (report_id)
    GROUP BY submission_id
    UNION ALL
    SELECT
        submission_id,
        'subprojects' AS measure,
        COUNT(*)::numeric AS total
    FROM report
    INNER JOIN core.fct_quarterly_subproject USING (report_id)
    GROUP BY submission_id
)

SELECT
    COALESCE(staged.submission_id, loaded.submission_id) AS submission_id,
    COALESCE(staged.measure, loaded.measure) AS measure,
    staged.total AS staged_total,
    loaded.total AS loaded_total
FROM staged
FULL OUTER JOIN loaded USING (submission_id, measure)
WHERE COALESCE(staged.total, 0) <> COALESCE(loaded.total, 0)
ORDER BY submission_id, measure
