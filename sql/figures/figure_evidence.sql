-- Each row is: one value, and the cell it was read from, behind one part of one figure of a scope.
-- Reads: temp tables figure, scope_member, evidence_cell; core.measure; audit.submission for the
--     file's name.
-- Formula: as the view mart.figure_evidence, of what is asked instead of what was stored: the
--     values of a part add up to the figure's numerator or denominator. A scope of a source or
--     fiscal year takes its part of a pledge's money; the one year that some figures look at is the
--     scope's own or else the reporting year.
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
    CASE WHEN part.sum LIKE '%count' THEN 1 ELSE cell.value END AS value,
    cell.reported_quarter_id
FROM figure
INNER JOIN core.measure AS measure ON figure.figure_code = measure.figure_code
INNER JOIN LATERAL (
    VALUES
    ('numerator', measure.numerator_sum, FALSE),
    ('denominator', measure.denominator_sum, measure.is_of_all)
) AS part (part, sum, is_of_all) ON part.part = 'numerator' OR figure.denominator IS NOT NULL
INNER JOIN scope_member AS member
    ON
        CASE WHEN part.is_of_all THEN 'all' ELSE figure.scope_type END = member.scope_type
        AND CASE WHEN part.is_of_all THEN '' ELSE figure.scope_id END = member.scope_id
INNER JOIN evidence_cell AS cell
    ON
        member.pledge_id = cell.pledge_id
        AND figure.figure_code = ANY(
            CASE part.part WHEN 'numerator' THEN cell.numerator_of ELSE cell.denominator_of END
        )
INNER JOIN audit.submission AS submission ON cell.submission_id = submission.submission_id
WHERE
    COALESCE(figure.figure_code = CAST(:figure_code AS text), TRUE)
    AND COALESCE(figure.scope_type || ':' || figure.scope_id = CAST(:scope AS text), TRUE)
    AND CASE member._part_type
        WHEN 'funding_source' THEN cell.funding_source_code = member._part_id
        WHEN 'fiscal_year' THEN cell.fiscal_year = member._part_id
        ELSE TRUE
    END
    AND (
        NOT measure.looks_at_one_year
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
