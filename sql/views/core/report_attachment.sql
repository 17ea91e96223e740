-- Each row is one picture of a report that came and can be shown, for as long as it is not taken
-- back: taken_at <= T < withdrawn_at. One without words for who does not see it is not shown.
CREATE VIEW core.report_attachment AS
SELECT
    line.report_id,
    line.entry_number,
    line.description,
    line.file_name,
    picture.media_type,
    picture.width,
    picture.height,
    picture.byte_count,
    picture.sha256,
    file.submission_id,
    taken.taken_at,
    COALESCE(file.withdrawn_at, 'infinity') AS withdrawn_at
FROM core.attachment AS line
INNER JOIN core.pledge_report AS report ON line.report_id = report.report_id
INNER JOIN audit.submission AS sent ON report.submission_id = sent.submission_id
INNER JOIN core.attachment_file AS taken
    ON
        report.submission_id = taken.return_submission_id
        AND core.attachment_named(sent.source_uri, sent.file_name, line.file_name)
        = taken.attachment_key
INNER JOIN audit.submission AS file ON taken.submission_id = file.submission_id
INNER JOIN staging.attachment__picture AS picture ON file.submission_id = picture.submission_id;
