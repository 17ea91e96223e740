-- Each row is: one picture of the report that a pledge has of this very quarter.
-- Reads: temp tables pledge_status and computed_quarter (one row); core.report_attachment.
-- Formula: none, as named.
-- Basis: a picture stands where it was reported; a report that is carried forward brings none.
-- When blank or zero: no row for a picture that did not come, was taken back, or has no words.
SELECT
    status.quarter_id,
    status.government_id,
    computed.government_name,
    status.pledge_id,
    status.pledge_name,
    status.field_name,
    shown.entry_number,
    shown.description,
    shown.file_name,
    shown.media_type,
    shown.width,
    shown.height,
    shown.byte_count,
    shown.sha256,
    shown.submission_id
FROM pledge_status AS status
CROSS JOIN computed_quarter AS computed
INNER JOIN core.report_attachment AS shown ON status._report_id = shown.report_id
WHERE
    status.reported_quarter_id = status.quarter_id
    AND shown.taken_at <= :as_of
    AND shown.withdrawn_at > :as_of
