-- What a text said stays out of the marts; that it changed does not.
CREATE VIEW mart.report_change AS
SELECT
    quarter_id,
    government_id,
    term_number,
    pledge_id,
    version,
    item_name,
    subproject_name,
    funding_source_label,
    fiscal_year,
    difference_kind,
    CASE WHEN kind <> 'text' THEN before_value END AS before_value,
    CASE WHEN kind <> 'text' THEN after_value END AS after_value,
    correction_reason,
    accepted_at
FROM core.report_difference;
