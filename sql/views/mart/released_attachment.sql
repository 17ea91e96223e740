-- Which pictures a release shows follows from the files that its pledges rest on and from what had
-- come by its moment; a report that is carried forward shows none again.
CREATE VIEW mart.released_attachment AS
SELECT
    pledge.government_id,
    pledge.quarter_id,
    pledge.revision,
    pledge.government_name,
    pledge.pledge_id,
    pledge.pledge_name,
    pledge.field_name,
    shown.entry_number,
    shown.description,
    shown.file_name,
    shown.media_type,
    shown.width,
    shown.height,
    shown.byte_count,
    shown.sha256,
    shown.submission_id
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
INNER JOIN core.report_attachment AS shown ON report.report_id = shown.report_id
WHERE
    pledge.reported_quarter_id = pledge.quarter_id
    AND shown.taken_at <= release.as_of
    AND shown.withdrawn_at > release.as_of;
