-- Each row is one cell of the batch that goes out in words, and in it something of a person.
-- Reads the staging tables of those texts and of contacts, core.people_known, core.people_named,
-- core.people_in.
-- names and numbers are what was found, masked. row_key stands for the text: a reason that was
-- given for it holds for no other.

WITH said AS (
    SELECT
        line.submission_id,
        line._table,
        line._row,
        line.pledge_id,
        part.field,
        part.content
    FROM staging.quarterly_return__progress AS line
    CROSS JOIN
        LATERAL (
            VALUES ('content', line.content), ('problem', line.problem), ('plan', line.plan)
        ) AS part (field, content)
    UNION ALL
    SELECT
        submission_id,
        _table,
        _row,
        pledge_id,
        'content' AS field,
        content
    FROM staging.quarterly_return__achievement
    UNION ALL
    SELECT
        line.submission_id,
        line._table,
        line._row,
        line.pledge_id,
        part.field,
        part.content
    FROM staging.quarterly_return__cooperation AS line
    CROSS JOIN
        LATERAL (
            VALUES
            ('role_name', line.role_name),
            ('body_name', line.body_name),
            ('content', line.content)
        ) AS part (field, content)
    UNION ALL
    SELECT
        line.submission_id,
        line._table,
        line._row,
        line.pledge_id,
        part.field,
        part.content
    FROM staging.quarterly_return__attachment AS line
    CROSS JOIN
        LATERAL (
            VALUES
            ('file_name', REGEXP_REPLACE(line.file_name, '[_.]', ' ', 'g')),
            ('description', line.description)
        ) AS part (field, content)
    UNION ALL
    SELECT
        line.submission_id,
        line._table,
        line._row,
        line.pledge_id,
        part.field,
        part.content
    FROM staging.pledge_card__header AS line
    CROSS JOIN
        LATERAL (
            VALUES ('goal', line.goal), ('overview', line.overview)
        ) AS part (field, content)
    UNION ALL
    SELECT
        submission_id,
        _table,
        _row,
        pledge_id,
        'content' AS field,
        CONCAT_WS(CHR(10), subproject_name, content) AS content
    FROM staging.pledge_card__yearly_plan
),

asked AS (
    SELECT DISTINCT
        government_id,
        known_at
    FROM checked__submission
),

known AS MATERIALIZED (
    SELECT
        asked.government_id,
        asked.known_at,
        core.people_known(asked.government_id) AS people,
        core.people_named(asked.government_id, asked.known_at) AS names
    FROM asked
),

own AS (
    SELECT
        contact.submission_id,
        ARRAY_AGG(DISTINCT person.name) AS names
    FROM restricted.quarterly_return__contact AS contact
    INNER JOIN checked__submission USING (submission_id)
    CROSS JOIN core.names_written(contact.person_name) AS person (name)
    GROUP BY contact.submission_id
)

SELECT
    said.submission_id,
    said._table,
    said._row,
    said.pledge_id,
    said.field,
    MD5(said.content) AS row_key,
    STRING_AGG(found.shown, ', ' ORDER BY found.shown) FILTER (WHERE found.is_name) AS names,
    STRING_AGG(found.shown, ', ' ORDER BY found.shown) FILTER (WHERE NOT found.is_name) AS numbers
FROM said
INNER JOIN checked__submission AS scope USING (submission_id)
INNER JOIN known
    ON
        scope.known_at = known.known_at
        AND scope.government_id = known.government_id
LEFT JOIN own USING (submission_id)
CROSS JOIN LATERAL core.people_in(said.content, known.people, known.names || own.names) AS found
WHERE said.content ~ '[[:alnum:]]'
GROUP BY
    said.submission_id, said._table, said._row, said.pledge_id, said.field, said.content
