-- What a release says in words follows from the files that its pledges rest on: a report is never
-- changed, and a new text comes with a new file. A release from before words were published says
-- none.
CREATE VIEW mart.released_narrative AS
SELECT
    pledge.government_id,
    pledge.quarter_id,
    pledge.revision,
    pledge.government_name,
    pledge.pledge_id,
    pledge.pledge_name,
    pledge.field_name,
    said.kind_code,
    said.kind_name,
    said.entry_number,
    said.subproject_name,
    said.label,
    said.content,
    pledge.reported_quarter_id
FROM audit.release AS release
INNER JOIN mart.released_pledge AS pledge
    ON
        release.government_id = pledge.government_id
        AND release.quarter_id = pledge.quarter_id
        AND release.revision = pledge.revision
INNER JOIN core.pledge_report AS report
    ON
        pledge.submission_id = report.submission_id
        AND pledge.pledge_id = report.pledge_id
        AND pledge.reported_quarter_id = report.quarter_id
        AND report.reinstates_report_id IS NULL
INNER JOIN core.report_text AS said ON report.report_id = said.report_id
WHERE release.says_words;
