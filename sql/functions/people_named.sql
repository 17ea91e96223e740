-- The names of people that are known of a government before a moment: those that its departments
-- wrote in 담당자, and its register as 단장.
-- Reads restricted.contact, restricted.term_head.
CREATE FUNCTION core.people_named(asked_government text, known_before timestamptz)
RETURNS text[]
LANGUAGE sql STABLE
AS $$
WITH written AS (
    SELECT contact.person_name
    FROM restricted.contact AS contact
    INNER JOIN core.pledge_report AS report USING (report_id)
    WHERE report.government_id = asked_government AND report.accepted_at < known_before
    UNION
    SELECT head_name
    FROM restricted.term_head
    WHERE government_id = asked_government
)

SELECT array_agg(DISTINCT person.name)
FROM written
CROSS JOIN core.names_written(written.person_name) AS person (name)
$$;
