-- What a text said stays out of the marts; that it changed does not.
CREATE VIEW mart.report_change AS
SELECT
    changed.quarter_id,
    changed.government_id,
    changed.term_number,
    changed.pledge_id,
    changed.version,
    changed.item_name,
    changed.subproject_name,
    changed.funding_source_label,
    changed.fiscal_year,
    changed.difference_kind,
    CASE WHEN changed.kind <> 'text' THEN changed.before_value END AS before_value,
    CASE WHEN changed.kind <> 'text' THEN changed.after_value END AS after_value,
    changed.correction_reason,
    changed.accepted_at,
    pledge.government_name,
    pledge.pledge_name,
    pledge.field_name
FROM core.report_difference AS changed
LEFT JOIN mart.pledge_status AS pledge
    ON
        changed.quarter_id = pledge.quarter_id
        AND changed.government_id = pledge.government_id
        AND changed.term_number = pledge.term_number
        AND changed.pledge_id = pledge.pledge_id;
