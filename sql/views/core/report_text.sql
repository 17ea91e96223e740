-- Each row is one text of a report that is meant for citizens, numbered within its kind. A text of
-- signs alone says nothing. 정정사유 is told to the office, and is none of them.
CREATE VIEW core.report_text AS
WITH plan AS (
    SELECT
        report_id,
        entry_number,
        subproject_name,
        CASE
            WHEN is_pre_term THEN '임기전'
            WHEN first_year IS NULL AND is_post_term THEN '임기후'
            ELSE CAST(first_year AS text)
        END AS first_label,
        CASE WHEN is_post_term THEN '임기후' ELSE CAST(last_year AS text) END AS last_label,
        content
    FROM core.yearly_plan
),

said AS (
    SELECT
        card.report_id,
        item.kind_code,
        1 AS entry_number,
        CAST(NULL AS text) AS subproject_name,
        CAST(NULL AS text) AS label,
        item.content
    FROM core.pledge_card AS card
    CROSS JOIN
        LATERAL (VALUES ('GOAL', card.goal), ('OVERVIEW', card.overview)) AS item (
            kind_code, content
        )
    UNION ALL
    SELECT
        report_id,
        'YEARLY_PLAN' AS kind_code,
        entry_number,
        subproject_name,
        CONCAT_WS('~', first_label, NULLIF(last_label, first_label)) AS label,
        content
    FROM plan
    UNION ALL
    SELECT
        progress.report_id,
        item.kind_code,
        1 AS entry_number,
        NULL AS subproject_name,
        NULL AS label,
        item.content
    FROM core.fct_quarterly_progress AS progress
    CROSS JOIN
        LATERAL (
            VALUES
            ('PROGRESS', progress.content),
            ('PROBLEM', progress.problem),
            ('PLAN_AHEAD', progress.plan)
        ) AS item (kind_code, content)
    UNION ALL
    SELECT
        achievement.report_id,
        'ACHIEVEMENT' AS kind_code,
        achievement.entry_number,
        NULL AS subproject_name,
        COALESCE(CAST(achievement.achieved_on AS text), achievement.quarter_id) AS label,
        achievement.content
    FROM core.achievement AS achievement
    UNION ALL
    SELECT
        cooperation.report_id,
        'COOPERATION' AS kind_code,
        cooperation.entry_number,
        NULL AS subproject_name,
        cooperation.role_name AS label,
        CONCAT_WS(': ', cooperation.body_name, cooperation.content) AS content
    FROM core.cooperation AS cooperation
)

SELECT
    said.report_id,
    said.kind_code,
    kind.name AS kind_name,
    said.entry_number,
    said.subproject_name,
    NULLIF(said.label, '') AS label,
    said.content
FROM said
INNER JOIN core.code_value AS kind
    ON kind.list_code = 'narrative_kind' AND said.kind_code = kind.code
WHERE said.content ~ '[[:alnum:]]';
