-- Each row is: one printed value of the quarter, as known at as_of.
-- Reads: core.published_figure, core.dim_government, core.code_label.
-- Formula: of what the register and files say of one value, what was recorded last.
-- Basis: design §7, register rows.
-- When blank or zero: scope_code is null where the scope is no label of a code list.
WITH known AS (
    SELECT DISTINCT ON (figure_code, scope_type, scope_label, printed_in)
        figure_code,
        scope_type,
        scope_label,
        printed_in,
        published_value,
        decimal_places,
        reason
    FROM core.published_figure
    WHERE
        government_id = :government_id
        AND quarter_id = :quarter_id
        AND recorded_at <= :as_of
        AND superseded_at > :as_of
    ORDER BY
        figure_code ASC, scope_type ASC, scope_label ASC, printed_in ASC, recorded_at DESC
)

SELECT
    known.*,
    (
        SELECT
            MIN(
                CASE WHEN known.scope_type = 'project_type' THEN label.list_code || ':' ELSE '' END
                || label.code
            )
        FROM core.code_label AS label
        INNER JOIN core.dim_government AS government
            ON label.government_class IN ('*', government.government_class)
        WHERE
            label.list_code = ANY(
                CASE
                    WHEN known.scope_type = 'project_type'
                        THEN ARRAY['novelty', 'actor', 'delivery']
                    ELSE ARRAY[known.scope_type]
                END
            )
            AND label.label_key = core.name_key(known.scope_label)
            AND government.government_id = :government_id
            AND government.recorded_at <= :as_of
            AND government.superseded_at > :as_of
    ) AS scope_code
FROM known
LEFT JOIN core.measure AS measure ON known.figure_code = measure.figure_code
ORDER BY
    known.printed_in ASC, measure.figure_number ASC NULLS LAST, known.scope_type <> 'all' ASC,
    known.scope_type ASC, known.scope_label ASC
