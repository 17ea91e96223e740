-- Each row is: one pledge that one scope holds.
-- Reads: temp tables pledge_status, pledge_owner, pledge_money.
-- Formula: a pledge with several owners is in each department's scope, in `all` once.
-- Basis: design §7, scopes.
-- _part_type, _part_id: which part of a pledge's money the scope counts, as in pledge_money.
-- When blank or zero: a pledge without the attribute is in no scope of that type.
WITH attribute AS (
    SELECT
        status.pledge_id,
        scope.scope_type,
        scope.scope_id,
        scope.list_code,
        scope.code
    FROM pledge_status AS status
    CROSS JOIN
        LATERAL (
            VALUES
            ('field', status.field_name, NULL, NULL),
            ('status', status.status_code, 'status', status.status_code),
            ('grade', status.grade_code, 'grade', status.grade_code),
            ('due', status.due_code, 'due', status.due_code),
            ('project_type', 'novelty:' || status.novelty_code, 'novelty', status.novelty_code),
            ('project_type', 'actor:' || status.actor_code, 'actor', status.actor_code),
            ('project_type', 'delivery:' || status.delivery_code, 'delivery', status.delivery_code)
        ) AS scope (scope_type, scope_id, list_code, code)
    WHERE scope.scope_id <> ''
),

owned AS (
    SELECT
        status.pledge_id,
        scope.scope_type,
        scope.scope_id,
        scope.scope_name
    FROM pledge_status AS status
    INNER JOIN pledge_owner AS owner ON status.pledge_id = owner.pledge_id
    CROSS JOIN LATERAL (
        VALUES
        ('department', owner.department_code, owner.department_name),
        (
            'department_current',
            owner.department_current_code,
            owner.department_current_name
        )
    ) AS scope (scope_type, scope_id, scope_name)
),

funded AS (
    SELECT
        pledge_id,
        part_type AS scope_type,
        part_id AS scope_id
    FROM pledge_money
    WHERE part_type <> 'whole'
)

SELECT
    'all' AS scope_type,
    '' AS scope_id,
    '전체' AS scope_name,
    pledge_id,
    'whole' AS _part_type,
    '' AS _part_id
FROM pledge_status
UNION ALL
SELECT
    attribute.scope_type,
    attribute.scope_id,
    COALESCE(known.name, attribute.code, attribute.scope_id) AS scope_name,
    attribute.pledge_id,
    'whole' AS _part_type,
    '' AS _part_id
FROM attribute
LEFT JOIN core.code_value AS known
    ON attribute.list_code = known.list_code AND attribute.code = known.code
UNION ALL
SELECT DISTINCT
    scope_type,
    scope_id,
    scope_name,
    pledge_id,
    'whole' AS _part_type,
    '' AS _part_id
FROM owned
UNION ALL
SELECT
    funded.scope_type,
    funded.scope_id,
    CASE
        WHEN funded.scope_id = 'pre_term' THEN '기투자'
        WHEN funded.scope_id = 'post_term' THEN '임기후'
        WHEN funded.scope_type = 'fiscal_year' THEN funded.scope_id || '년'
        ELSE COALESCE(known.name, funded.scope_id)
    END AS scope_name,
    funded.pledge_id,
    funded.scope_type AS _part_type,
    funded.scope_id AS _part_id
FROM funded
LEFT JOIN core.code_value AS known
    ON funded.scope_type = known.list_code AND funded.scope_id = known.code
