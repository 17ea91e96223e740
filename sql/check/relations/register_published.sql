-- Each row is one line of the sheet 공표값 of a register, or of a file of that sheet alone, coded.
-- Reads staging.register__published, __term, __pledge, __department, core.dim_term,
-- core.dim_pledge, core.dim_department, core.measure, core.code_label, core.code_value.
-- COUNT, how many pledges there are, may be printed of every scope that money is worked out for.

WITH figure AS (
    SELECT
        figure_code,
        figure_name,
        scope_types
    FROM core.measure
    UNION ALL
    SELECT
        'COUNT' AS figure_code,
        '공약 수' AS figure_name,
        ARRAY_AGG(DISTINCT scope_type) AS scope_types
    FROM core.measure
    CROSS JOIN LATERAL UNNEST(measure.scope_types) AS scope_type
    WHERE measure.population = 'in_force'
),

-- What scopes of a kind are called, as far as the register knows.
known AS (
    SELECT
        scope.submission_id,
        'field' AS scope_type,
        line.field_name AS name
    FROM checked__submission AS scope
    INNER JOIN staging.register__pledge AS line USING (submission_id)
    UNION
    SELECT
        scope.submission_id,
        'field' AS scope_type,
        pledge.field_name AS name
    FROM checked__submission AS scope
    INNER JOIN core.dim_pledge AS pledge USING (government_id)
    UNION
    SELECT
        scope.submission_id,
        'department' AS scope_type,
        department.name
    FROM checked__submission AS scope
    INNER JOIN staging.register__department AS line USING (submission_id)
    CROSS JOIN
        LATERAL (VALUES (line.department_code), (line.department_name)) AS department (name)
    UNION
    SELECT
        scope.submission_id,
        'department' AS scope_type,
        department.name
    FROM checked__submission AS scope
    INNER JOIN core.dim_department AS line USING (government_id)
    CROSS JOIN
        LATERAL (VALUES (line.department_code), (line.department_name)) AS department (name)
),

-- is_quarter: a quarter, or another period, that a term touches.
term AS (
    SELECT
        submission_id,
        start_date,
        end_date
    FROM staging.register__term
    UNION
    SELECT
        scope.submission_id,
        known_term.start_date,
        known_term.end_date
    FROM checked__submission AS scope
    INNER JOIN core.dim_term AS known_term USING (government_id)
    WHERE known_term.superseded_at = 'infinity'
),

coded AS (
    SELECT
        line.*,
        COALESCE(scope_type.code, CASE WHEN line.scope_type IS NULL THEN 'all' END)
            AS scope_type_code,
        CASE
            WHEN scope_type.code IN ('department', 'department_current') THEN ARRAY['department']
            WHEN scope_type.code = 'project_type' THEN ARRAY['novelty', 'actor', 'delivery']
            ELSE ARRAY[scope_type.code]
        END AS lists
    FROM staging.register__published AS line
    INNER JOIN checked__submission USING (submission_id)
    LEFT JOIN core.code_label AS scope_type
        ON scope_type.list_code = 'scope_type' AND line.scope_type = scope_type.label_key
)

SELECT
    line.submission_id,
    line._table,
    line._row,
    NULL::text AS pledge_id,
    line.quarter_id,
    line.figure_code,
    line.scope_type_raw,
    line.scope_type_code,
    line.scope_label,
    line.published_value,
    line.published_value_kind,
    line.decimal_places,
    line.decimal_places_kind,
    line.printed_in,
    CONCAT_WS('|', line.quarter_id, line.figure_code, line.scope_label, line.printed_in)
        AS row_key,
    core.quarter_kind(line.quarter_id) IS NOT NULL AND EXISTS (
        SELECT 1
        FROM term
        WHERE
            term.submission_id = line.submission_id
            AND CASE
                WHEN core.quarter_kind(line.quarter_id) IS NOT NULL
                    THEN
                        core.quarter_last_day(line.quarter_id) >= term.start_date
                        AND core.quarter_first_day(line.quarter_id) <= term.end_date
            END
    ) AS is_quarter,
    figure.figure_code IS NOT NULL AS is_figure_known,
    (
        SELECT MIN(named.figure_code)
        FROM figure AS named
        WHERE core.name_key(named.figure_name) = core.name_key(line.figure_code)
    ) AS likely_code,
    COALESCE(line.scope_type_code = ANY(figure.scope_types), FALSE) AS is_scope_of_figure,
    CASE
        WHEN line.scope_type_code = 'all' THEN COALESCE(line.scope_label, '전체') = '전체'
        WHEN line.scope_type_code = 'fiscal_year'
            THEN
                COALESCE(line.scope_label, '')
                ~ '^(\d{4}년?|\d{4}~\d{4}년?|pre_term|post_term|기투자|임기후)$'
        ELSE
            EXISTS (
                SELECT 1
                FROM known
                WHERE
                    known.submission_id = line.submission_id
                    AND known.scope_type = ANY(line.lists)
                    AND known.name = line.scope_label
            )
            OR EXISTS (
                SELECT 1
                FROM core.code_value AS value
                LEFT JOIN core.code_label AS label USING (list_code, code)
                WHERE
                    value.list_code = ANY(line.lists)
                    AND (
                        line.scope_label IN (value.code, value.name)
                        OR core.name_key(line.scope_label) = label.label_key
                    )
            )
    END AS is_scope_known,
    ARRAY_TO_STRING(
        ARRAY(
            SELECT value.name
            FROM core.code_value AS value
            WHERE value.list_code = 'scope_type' AND value.code = ANY(figure.scope_types)
            ORDER BY value.sort_number
        ),
        ', '
    ) AS scope_type_names,
    ROW_NUMBER() OVER same_value AS occurrence,
    FIRST_VALUE(line._row) OVER same_value AS first_row
FROM coded AS line
LEFT JOIN figure ON UPPER(line.figure_code) = figure.figure_code
WINDOW
    same_value AS (
        PARTITION BY
            line.submission_id, line.quarter_id, UPPER(line.figure_code), line.scope_type_code,
            line.scope_label, line.printed_in
        ORDER BY line._row
    )
