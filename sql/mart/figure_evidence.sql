-- Each row is: one value, and the cell it was read from, behind one part of one figure of a scope.
-- Reads: temp tables figure, scope_member, figure_value.
-- Formula: the values of a part add up to the figure's numerator or denominator. A scope of a
--     source or fiscal year takes its part of a pledge's money; B6 looks at one year, the scope's
--     own or else the reporting year.
-- Basis: design §6, trace; §7, scopes.
-- When blank or zero: where a figure has no denominator there is no value of one.
-- :scope, written `field:경제도시` or `all:`, narrows it down where it is given.
SELECT
    CAST(:government_id AS text) AS government_id,
    figure.figure_code,
    figure.scope_type,
    figure.scope_id,
    figure.scope_name,
    value.part,
    value.pledge_id,
    value.submission_id,
    value.file_name,
    value.sheet_name,
    value.cell,
    value.as_written,
    TRIM_SCALE(value.value) AS value,
    value.reported_quarter_id
FROM figure
INNER JOIN scope_member AS member
    ON figure.scope_type = member.scope_type AND figure.scope_id = member.scope_id
INNER JOIN figure_value AS value
    ON figure.figure_code = value.figure_code AND member.pledge_id = value.pledge_id
WHERE
    COALESCE(figure.scope_type || ':' || figure.scope_id = CAST(:scope AS text), TRUE)
    AND (figure.denominator IS NOT NULL OR value.part = 'numerator')
    AND CASE member._part_type
        WHEN 'funding_source' THEN value.funding_source_code = member._part_id
        WHEN 'fiscal_year' THEN value.fiscal_year = member._part_id
        ELSE TRUE
    END
    AND (
        figure.scope_type = 'fiscal_year'
        OR COALESCE(value.span <> 'year', TRUE)
        OR value.fiscal_year = CAST(CAST(:reporting_year AS integer) AS text)
    )
ORDER BY
    figure._figure_number ASC,
    figure.scope_type ASC,
    figure.scope_id ASC,
    value.pledge_id ASC,
    value._table ASC,
    value._row ASC,
    LENGTH(value._column) ASC,
    value._column ASC,
    value.part DESC
