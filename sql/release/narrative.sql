-- Each row is one text that some releases of a government said, the revision of each quarter given.
-- Reads mart.released_narrative.

SELECT
    said.government_id,
    said.quarter_id,
    said.revision,
    said.pledge_id,
    said.kind_code,
    said.kind_name,
    said.entry_number,
    said.subproject_name,
    said.label,
    said.content,
    said.reported_quarter_id
FROM
    UNNEST(CAST(:quarter_ids AS text[]), CAST(:revisions AS integer[])) AS asked (
        quarter_id, revision
    )
INNER JOIN mart.released_narrative AS said
    ON asked.quarter_id = said.quarter_id AND asked.revision = said.revision
WHERE said.government_id = :government_id
