-- Takes the reports of one file out of force; returns those that were, so that the ones before them
-- can come back.

UPDATE core.pledge_report
SET superseded_at = :at
WHERE pledge_report.submission_id = :submission_id AND pledge_report.superseded_at = 'infinity'
RETURNING
    pledge_report.report_id,
    pledge_report.government_id,
    pledge_report.term_number,
    pledge_report.pledge_id,
    pledge_report.quarter_id
