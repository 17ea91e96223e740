-- Spread over scopes there are a hundred times as many rows, so they are joined when asked for.
CREATE VIEW mart.figure_evidence AS
SELECT
    figure.quarter_id,
    figure.government_id,
    figure.figure_code,
    figure.scope_type,
    figure.scope_id,
    figure.scope_name,
    part.part,
    cell.pledge_id,
    cell.submission_id,
    cell.version,
    cell.reported_quarter_id,
    cell.sheet_name,
    cell.cell,
    cell.as_written,
    CASE
        WHEN figure.figure_code IN ('R1', 'R1_IN') AND part.part = 'numerator' THEN cell.value
        WHEN figure.figure_code LIKE 'R%' THEN 1
        ELSE cell.value
    END AS value,
    cell.funding_source_code,
    cell.fiscal_year
FROM (
    SELECT
        quarter_id,
        government_id,
        figure_code,
        scope_type,
        scope_id,
        scope_name,
        denominator
    FROM mart.implementation_rate
    UNION ALL
    SELECT
        quarter_id,
        government_id,
        figure_code,
        scope_type,
        scope_id,
        scope_name,
        denominator
    FROM mart.budget_execution
) AS figure
INNER JOIN mart.scope_member AS member
    ON
        figure.government_id = member.government_id
        AND figure.quarter_id = member.quarter_id
        AND figure.scope_type = member.scope_type
        AND figure.scope_id = member.scope_id
INNER JOIN mart.evidence_cell AS cell
    ON
        member.government_id = cell.government_id
        AND member.quarter_id = cell.quarter_id
        AND member.pledge_id = cell.pledge_id
INNER JOIN LATERAL (
    VALUES
    ('numerator', cell.numerator_of),
    ('denominator', cell.denominator_of)
) AS part (part, figure_codes) ON figure.figure_code = ANY(part.figure_codes)
WHERE
    (figure.denominator IS NOT NULL OR part.part = 'numerator')
    AND CASE figure.scope_type
        WHEN 'funding_source' THEN cell.funding_source_code = figure.scope_id
        WHEN 'fiscal_year' THEN cell.fiscal_year = figure.scope_id
        ELSE TRUE
    END
    -- B6 looks at one year: the scope's own, or else the reporting year.
    AND (
        figure.figure_code <> 'B6'
        OR figure.scope_type = 'fiscal_year'
        OR cell.fiscal_year = SUBSTR(figure.quarter_id, 1, 4)
    );
