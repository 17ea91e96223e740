-- Each row is one pledge whose report of the same quarter is in force already, beside what the
-- return says now: what differs in status, rate, target, grade and money.
-- Reads checked__progress, __budget_cell, core.fct_quarterly_*.

WITH known AS (
    SELECT
        line.submission_id,
        line._table,
        line._row,
        line.pledge_id,
        line.correction_reason,
        line.accepted_report_id AS report_id,
        CONCAT_WS('|', line.status_name, line.rate_pct, line.target_code) AS row_key,
        line.status_name,
        accepted_status.name AS accepted_status_name,
        line.rate_pct,
        accepted.declared_rate_pct AS accepted_rate_pct,
        line.grade_raw,
        accepted_grade.name AS accepted_grade_name,
        COALESCE(line.grade_code, '') <> COALESCE(accepted.grade_code, '') AS is_grade_changed,
        line.target_raw,
        COALESCE(line.status_code, '') <> accepted.status_code AS is_status_changed,
        COALESCE(line.rate_pct, -1) <> COALESCE(accepted.declared_rate_pct, -1)
            AS is_rate_changed,
        COALESCE((line.target_code = 'MET')::text, '')
        <> COALESCE(accepted.is_target_met::text, '') AS is_target_changed
    FROM checked__progress AS line
    INNER JOIN core.fct_quarterly_progress AS accepted
        ON line.accepted_report_id = accepted.report_id
    LEFT JOIN core.code_value AS accepted_status
        ON
            accepted_status.list_code = 'status'
            AND accepted.status_code = accepted_status.code
    LEFT JOIN core.code_value AS accepted_grade
        ON accepted_grade.list_code = 'grade' AND accepted.grade_code = accepted_grade.code
    WHERE line.occurrence = 1
),

money_now AS (
    SELECT
        submission_id,
        pledge_id,
        SUM(amount) FILTER (WHERE measure <> 'executed') AS plan_krw,
        SUM(amount) FILTER (WHERE measure = 'executed') AS executed_krw,
        MD5(STRING_AGG(
            CONCAT_WS('|', row_key, TRIM_SCALE(amount)), ';' ORDER BY row_key COLLATE "C"
        )) AS money_key
    FROM checked__budget_cell
    WHERE pledge_id IS NOT NULL AND amount <> 0
    GROUP BY submission_id, pledge_id
),

before_amount AS (
    SELECT
        budget.report_id,
        part.measure,
        part.amount,
        CONCAT_WS(
            '|', budget.subproject_name, budget.funding_source_label,
            budget.fiscal_year || '.' || part.measure
        ) AS row_key
    FROM core.fct_quarterly_budget AS budget
    CROSS JOIN
        LATERAL (
            VALUES
            (
                CASE WHEN budget.is_secured_label THEN 'secured' ELSE 'demand' END,
                budget.plan_krw
            ),
            ('executed', budget.executed_krw)
        ) AS part (measure, amount)
    WHERE
        budget.report_id IN (SELECT known.report_id FROM known)
        AND part.amount <> 0
),

money_before AS (
    SELECT
        report_id,
        SUM(amount) FILTER (WHERE measure <> 'executed') AS plan_krw,
        SUM(amount) FILTER (WHERE measure = 'executed') AS executed_krw,
        MD5(STRING_AGG(
            CONCAT_WS('|', row_key, TRIM_SCALE(amount)), ';' ORDER BY row_key COLLATE "C"
        )) AS money_key
    FROM before_amount
    GROUP BY report_id
)

SELECT
    known.submission_id,
    known._table,
    known._row,
    known.pledge_id,
    known.row_key,
    known.correction_reason,
    CONCAT_WS(
        ', ',
        CASE WHEN known.is_status_changed THEN '추진상황 ' || COALESCE(known.status_name, '빈칸') END,
        CASE
            WHEN known.is_rate_changed
                THEN '이행률 ' || COALESCE(TRIM_SCALE(known.rate_pct)::text, '빈칸')
        END,
        CASE WHEN known.is_target_changed THEN '목표달성 ' || COALESCE(known.target_raw, '빈칸') END,
        CASE WHEN known.is_grade_changed THEN '평가등급 ' || COALESCE(known.grade_raw, '빈칸') END,
        CASE
            WHEN COALESCE(money_now.money_key, '') <> COALESCE(money_before.money_key, '')
                THEN
                    FORMAT(
                        '계획액 %s, 집행액 %s',
                        COALESCE(core.shown_million(money_now.plan_krw), '0'),
                        COALESCE(core.shown_million(money_now.executed_krw), '0')
                    )
        END
    ) AS changed_now,
    CONCAT_WS(
        ', ',
        CASE WHEN known.is_status_changed THEN '추진상황 ' || known.accepted_status_name END,
        CASE
            WHEN known.is_rate_changed
                THEN '이행률 ' || COALESCE(TRIM_SCALE(known.accepted_rate_pct)::text, '빈칸')
        END,
        CASE WHEN known.is_target_changed THEN '목표달성 다름' END,
        CASE
            WHEN known.is_grade_changed
                THEN '평가등급 ' || COALESCE(known.accepted_grade_name, '빈칸')
        END,
        CASE
            WHEN COALESCE(money_now.money_key, '') <> COALESCE(money_before.money_key, '')
                THEN
                    FORMAT(
                        '계획액 %s, 집행액 %s',
                        COALESCE(core.shown_million(money_before.plan_krw), '0'),
                        COALESCE(core.shown_million(money_before.executed_krw), '0')
                    )
        END
    ) AS changed_before
FROM known
LEFT JOIN money_now USING (submission_id, pledge_id)
LEFT JOIN money_before USING (report_id)
