-- Each row is: one value, and the cell it was read from, behind one part of one figure of a scope.
-- Reads: temp tables figure, scope_member, evidence_cell; audit.submission for the file's name.
-- Formula: as the view mart.figure_evidence, of what is asked instead of what was stored: the
--     values of a part add up to the figure's numerator or denominator. A scope of a source or
--     fiscal year takes its part of a pledge's money; B6 looks at one year, the scope's own or else
--     the reporting year.
-- Basis: design §6, trace; §7, scopes.
-- When blank or zero: where a figure has no denominator there is no value of one.
-- :figure_code and :scope, written `field:경제도시` or `all:`, narrow it down where they are given.
SELECT
    cell.government_id,
    figure.figure_code,
    figure.scope_type,
    figure.scope_id,
    figure.scope_name,
    part.part,
    cell.pledge_id,
    cell.submission_id,
    submission.file_name,
    cell._sheet_name AS sheet_name,
    cell._cell AS cell,
    cell.as_written,
    CASE
        WHEN figure.figure_code IN ('R1', 'R1_IN') AND part.part = 'numerator' THEN cell.value
        WHEN figure.figure_code LIKE 'R%' THEN 1
        ELSE cell.value
    END AS value,
    cell.reported_quarter_id
FROM figure
INNER JOIN scope_member AS member
    ON figure.scope_type = member.scope_type AND figure.scope_id = member.scope_id
INNER JOIN evidence_cell AS cell ON member.pledge_id = cell.pledge_id
INNER JOIN audit.submission AS submission ON cell.submission_id = submission.submission_id
INNER JOIN LATERAL (
    VALUES
    ('numerator', cell.numerator_of),
    ('denominator', cell.denominator_of)
) AS part (part, figure_codes) ON figure.figure_code = ANY(part.figure_codes)
WHERE
    COALESCE(figure.figure_code = CAST(:figure_code AS text), TRUE)
    AND COALESCE(figure.scope_type || ':' || figure.scope_id = CAST(:scope AS text), TRUE)
    AND (figure.denominator IS NOT NULL OR part.part = 'numerator')
    AND CASE member._part_type
        WHEN 'funding_source' THEN cell.funding_source_code = member._part_id
        WHEN 'fiscal_year' THEN cell.fiscal_year = member._part_id
        ELSE TRUE
    END
    AND (
        figure.figure_code <> 'B6'
        OR figure.scope_type = 'fiscal_year'
        OR cell.fiscal_year = CAST(CAST(:reporting_year AS integer) AS text)
    )
ORDER BY
    figure._figure_number ASC,
    figure.scope_type ASC,
    figure.scope_id ASC,
    cell.pledge_id ASC,
    cell.entry_number ASC,
    part.part DESC
