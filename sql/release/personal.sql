-- Each row is one pledge whose texts tell something of a person, by the rule that says so, masked,
-- and the waiver that lets them be published all the same. It is looked for in what would be
-- published, whatever was found when the files came: names may have become known since.
-- Reads the temporary tables pledge_narrative and pledge_status, core.people_known, core.people_named,
-- core.people_in, core.waiver_covering. Without a waiver waiver_id is null.

WITH known AS MATERIALIZED (
    SELECT
        core.people_known(:government_id) AS people,
        core.people_named(:government_id, 'infinity') AS names
),

found AS (
    SELECT
        said.pledge_id,
        CASE WHEN person.is_name THEN CAST(:name_rule AS text) ELSE :number_rule END AS rule_id,
        STRING_AGG(DISTINCT said.kind_name, ', ' ORDER BY said.kind_name) AS kind_names,
        STRING_AGG(DISTINCT person.shown, ', ' ORDER BY person.shown) AS shown
    FROM pledge_narrative AS said
    CROSS JOIN known
    CROSS JOIN
        LATERAL core.people_in(
            CONCAT_WS(CHR(10), said.subproject_name, said.label, said.content), known.people, known.names
        ) AS person
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
