-- Each row is one value that a report says, with its place. Money of 0 is no value: a blank and a 0
-- say the same. Entries are named by their number.
CREATE VIEW core.report_value AS
SELECT
    progress.report_id,
    item.sort_number,
    item.item_name,
    '' AS subproject_name,
    '' AS funding_source_label,
    '' AS fiscal_year,
    item.kind,
    item.value,
    progress._table,
    progress._row,
    item.field,
    NULL AS _column
FROM core.fct_quarterly_progress AS progress
LEFT JOIN core.code_value AS status
    ON status.list_code = 'status' AND progress.status_code = status.code
LEFT JOIN core.code_value AS grade
    ON grade.list_code = 'grade' AND progress.grade_code = grade.code
LEFT JOIN core.code_value AS due
    ON due.list_code = 'due' AND progress.due_code = due.code
CROSS JOIN
    LATERAL (
        VALUES
        (1, '추진상황', 'code', status.name, 'status'),
        (2, '이행률', 'rate', TRIM_SCALE(progress.declared_rate_pct)::text, 'rate'),
        (
            3, '목표달성', 'code',
            CASE progress.is_target_met WHEN TRUE THEN '달성' WHEN FALSE THEN '미달성' END, 'target'
        ),
        (4, '완료시기', 'code', due.name, 'due'),
        (5, '완료연도', 'code', progress.due_year::text, 'due_year'),
        (6, '평가등급', 'code', grade.name, 'grade'),
        (20, '추진내용', 'text', progress.content, 'content'),
        (21, '문제점', 'text', progress.problem, 'problem'),
        (22, '향후계획', 'text', progress.plan, 'plan')
    ) AS item (sort_number, item_name, kind, value, field)
UNION ALL
SELECT
    budget.report_id,
    item.sort_number,
    item.item_name,
    budget.subproject_name,
    budget.funding_source_label,
    budget.fiscal_year,
    'money',
    item.amount::text,
    budget._table,
    budget._row,
    NULL,
    item._column
FROM core.fct_quarterly_budget AS budget
CROSS JOIN
    LATERAL (
        VALUES
        (
            10, CASE WHEN budget.is_secured_label THEN '확보액' ELSE '투자수요' END,
            budget.plan_krw, budget._plan_column
        ),
        (11, '집행액', budget.executed_krw, budget._executed_column)
    ) AS item (sort_number, item_name, amount, _column)
WHERE item.amount <> 0
UNION ALL
SELECT
    subproject.report_id,
    item.sort_number,
    item.item_name,
    subproject.subproject_name,
    '',
    '',
    item.kind,
    item.value,
    subproject._table,
    subproject._row,
    item.field,
    NULL
FROM core.fct_quarterly_subproject AS subproject
LEFT JOIN core.code_value AS status
    ON status.list_code = 'status' AND subproject.status_code = status.code
CROSS JOIN
    LATERAL (
        VALUES
        (12, '세부사업 추진상황', 'code', status.name, 'status'),
        (13, '세부사업 이행률', 'rate', TRIM_SCALE(subproject.declared_rate_pct)::text, 'rate')
    ) AS item (sort_number, item_name, kind, value, field)
UNION ALL
SELECT
    entry.report_id,
    30,
    '추진실적 ' || entry.entry_number,
    '',
    '',
    '',
    'text',
    CONCAT_WS(' ', entry.achieved_on, entry.content),
    entry._table,
    entry._row,
    'content',
    NULL
FROM core.achievement AS entry
UNION ALL
SELECT
    entry.report_id,
    31,
    '협업 ' || entry.entry_number,
    '',
    '',
    '',
    'text',
    CONCAT_WS(' ', entry.role_name, entry.body_name, entry.content),
    entry._table,
    entry._row,
    'body_name',
    NULL
FROM core.cooperation AS entry
UNION ALL
SELECT
    card.report_id,
    item.sort_number,
    item.item_name,
    '',
    '',
    '',
    'text',
    item.value,
    card._table,
    card._row,
    item.field,
    NULL
FROM core.pledge_card AS card
CROSS JOIN
    LATERAL (
        VALUES (40, '정책목표', card.goal, 'goal'), (41, '사업개요', card.overview, 'overview')
    ) AS item (sort_number, item_name, value, field)
UNION ALL
SELECT
    entry.report_id,
    42,
    '연차별 추진계획 ' || entry.entry_number,
    '',
    '',
    '',
    'text',
    CONCAT_WS(' ', entry.subproject_name, entry.first_year, entry.last_year, entry.content),
    entry._table,
    entry._row,
    'content',
    NULL
FROM core.yearly_plan AS entry;
