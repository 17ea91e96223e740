-- Spread over scopes there are a hundred times as many rows, so they are joined when asked for.
-- Names are looked up a row at a time: they cost nothing where nobody asks for them, and joined
-- they would change how the rest is found.
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
    CASE WHEN part.sum LIKE '%count' THEN 1 ELSE cell.value END AS value,
    cell.funding_source_code,
    cell.fiscal_year,
    figure.government_name,
    figure.figure_name,
    (
        SELECT pledge.pledge_name
        FROM mart.pledge_status AS pledge
        WHERE
            pledge.government_id = cell.government_id
            AND pledge.quarter_id = cell.quarter_id
            AND pledge.pledge_id = cell.pledge_id
    ) AS pledge_name,
    (
        SELECT pledge.field_name
        FROM mart.pledge_status AS pledge
        WHERE
            pledge.government_id = cell.government_id
            AND pledge.quarter_id = cell.quarter_id
            AND pledge.pledge_id = cell.pledge_id
    ) AS field_name,
    (
        SELECT source.name
        FROM core.code_value AS source
        WHERE source.list_code = 'funding_source' AND source.code = cell.funding_source_code
    ) AS funding_source_name
FROM (
    SELECT * FROM mart.implementation_rate
    UNION ALL
    SELECT * FROM mart.budget_execution
) AS figure
INNER JOIN core.measure AS measure ON figure.figure_code = measure.figure_code
INNER JOIN LATERAL (
    VALUES
    ('numerator', measure.numerator_sum, FALSE),
    ('denominator', measure.denominator_sum, measure.is_of_all)
) AS part (part, sum, is_of_all) ON part.part = 'numerator' OR figure.denominator IS NOT NULL
INNER JOIN mart.scope_member AS member
    ON
        figure.government_id = member.government_id
        AND figure.quarter_id = member.quarter_id
        AND CASE WHEN part.is_of_all THEN 'all' ELSE figure.scope_type END = member.scope_type
        AND CASE WHEN part.is_of_all THEN '' ELSE figure.scope_id END = member.scope_id
INNER JOIN mart.evidence_cell AS cell
    ON
        member.government_id = cell.government_id
        AND member.quarter_id = cell.quarter_id
        AND member.pledge_id = cell.pledge_id
        AND figure.figure_code = ANY(
            CASE part.part WHEN 'numerator' THEN cell.numerator_of ELSE cell.denominator_of END
        )
WHERE
    CASE figure.scope_type
        WHEN 'funding_source' THEN cell.funding_source_code = figure.scope_id
        WHEN 'fiscal_year' THEN cell.fiscal_year = figure.scope_id
        ELSE TRUE
    END
    -- The one year is the scope's own, or else the reporting year.
    AND (
        NOT measure.looks_at_one_year
        OR figure.scope_type = 'fiscal_year'
        OR cell.fiscal_year = SUBSTR(figure.quarter_id, 1, 4)
    );
