-- Each row is one pledge whose texts tell something of a person, by the rule that says so, masked,
-- and the waiver that lets them be published all the same. It is looked for in what would be
-- published, whatever was found when the files came: names may have become known since. Decided
-- changes are published too.
-- Reads the temporary tables pledge_narrative, pledge_attachment and pledge_status,
-- core.pledge_change, core.people_known, core.people_named, core.people_in, core.waiver_covering.
-- Without a waiver waiver_id is null.

WITH known AS MATERIALIZED (
    SELECT
        core.people_known(:government_id) AS people,
        core.people_named(:government_id, 'infinity') AS names
),

said AS (
    SELECT
        pledge_id,
        kind_name,
        CONCAT_WS(CHR(10), subproject_name, label, content) AS words
    FROM pledge_narrative
    UNION ALL
    SELECT
        pledge_id,
        '첨부' AS kind_name,
        CONCAT_WS(CHR(10), description, REGEXP_REPLACE(file_name, '[_.]', ' ', 'g')) AS words
    FROM pledge_attachment
    UNION ALL
    SELECT
        change.pledge_id,
        '공약변경' AS kind_name,
        CONCAT_WS(CHR(10), change.before_text, change.after_text, change.reason, change.approver)
            AS words
    FROM pledge_status AS status
    INNER JOIN core.pledge_change AS change USING (government_id, term_number, pledge_id)
    WHERE
        change.change_date <= status.as_of_date
        AND change.recorded_at <= CAST(:as_of AS timestamptz)
        AND change.superseded_at > CAST(:as_of AS timestamptz)
),

found AS (
    SELECT
        said.pledge_id,
        CASE WHEN person.is_name THEN CAST(:name_rule AS text) ELSE :number_rule END AS rule_id,
        STRING_AGG(DISTINCT said.kind_name, ', ' ORDER BY said.kind_name) AS kind_names,
        STRING_AGG(DISTINCT person.shown, ', ' ORDER BY person.shown) AS shown
    FROM said
    CROSS JOIN known
    CROSS JOIN LATERAL core.people_in(said.words, known.people, known.names) AS person
    GROUP BY said.pledge_id, person.is_name
)

SELECT
    found.rule_id,
    status.department_code,
    status.department_name,
    found.pledge_id,
    found.kind_names,
    found.shown,
    waiver.waiver_id,
    waiver.reason
FROM found
INNER JOIN pledge_status AS status ON found.pledge_id = status.pledge_id
LEFT JOIN LATERAL core.waiver_covering(
    status.government_id, found.rule_id, status.quarter_id, status.department_code,
    found.pledge_id, status.as_of_date, :as_of
) AS waiver ON TRUE
ORDER BY found.rule_id, status.department_code, found.pledge_id
