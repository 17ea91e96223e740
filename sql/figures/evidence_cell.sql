-- Each row is: one cell whose value counts in figures of a quarter.
-- Reads: temp table pledge_status; core.measure; core.pledge_report and its facts for the place of
--     a report's values; staging for what stands there.
-- Formula: numerator_of and denominator_of are the figures it counts in, by part: those whose sum
--     is one of the cell's own `sums` and whose population is one of its pledge's. value is won, a
--     declared rate in %, or 1 where a pledge is counted; a pledge that never reported stands where
--     the register lists it. A figure that looks at one year names every year here: which one it
--     is depends on the scope that asks.
-- Basis: domain §4; design §7, money; §8, privacy. Values come from staging, and what they count
--     for is said here afresh: a figure that was loaded or computed wrongly does not agree with
--     them. A sheet is called here as its form calls it, a card by the form's title: a sender may
--     have put a person's name there. _sheet_name and _cell are the place as the sender has it.
-- When blank or zero: an amount of 0 is a value, a blank or "-" is none.
-- :figure_code, :file (a name or the number of a submission), :sheet and :cell narrow it down where
--     they are given.
WITH sheet AS NOT MATERIALIZED (
    SELECT
        submission.submission_id,
        found.table_no,
        found.sheet_name,
        COALESCE(
            CAST(:sheet_names AS jsonb)
            -> CONCAT_WS('/', submission.form_code, submission.form_edition),
            CAST(:sheet_names AS jsonb) -> ''
        )
        ->> CASE
            WHEN submission.form_code = 'pledge_card' THEN submission.form_code
            ELSE found.table_code
        END AS form_sheet_name,
        found.columns
    FROM audit.submission AS submission
    INNER JOIN audit.submission_table AS found
        ON submission.submission_id = found.submission_id
    WHERE
        COALESCE(found.sheet_name = CAST(:sheet AS text), TRUE)
        AND COALESCE(
            CAST(:file AS text)
            IN (submission.file_name, CAST(submission.submission_id AS text)), TRUE
        )
),

pledge AS (
    SELECT
        status.*,
        CASE WHEN NOT is_counted THEN 0 WHEN due_code = 'IN_TERM' THEN 2 ELSE 1 END AS population
    FROM pledge_status AS status
),

answered AS (
    SELECT
        status.pledge_id,
        status.population,
        status.reported_quarter_id,
        status.is_target_met,
        status.status_code,
        status.grade_code,
        report.report_id,
        report.version,
        report.submission_id
    FROM pledge AS status
    INNER JOIN core.pledge_report AS report ON status._report_id = report.report_id
),

-- A line is found before its cells: only all keys together lead to one place.
progress_line AS MATERIALIZED (
    SELECT
        answered.*,
        progress._table,
        progress._row,
        sheet.sheet_name,
        sheet.form_sheet_name,
        sheet.columns
    FROM answered
    INNER JOIN core.fct_quarterly_progress AS progress ON answered.report_id = progress.report_id
    INNER JOIN sheet
        ON answered.submission_id = sheet.submission_id AND progress._table = sheet.table_no
),

budget_place AS (
    SELECT
        budget.report_id,
        budget._table,
        budget._row,
        MIN(budget.funding_source_code) AS funding_source_code
    FROM core.fct_quarterly_budget AS budget
    WHERE budget.report_id IN (SELECT answered.report_id FROM answered)
    GROUP BY budget.report_id, budget._table, budget._row
),

budget_line AS MATERIALIZED (
    SELECT
        answered.*,
        place.funding_source_code,
        place._table,
        place._row,
        sheet.sheet_name,
        sheet.form_sheet_name,
        sheet.columns
    FROM answered
    INNER JOIN budget_place AS place ON answered.report_id = place.report_id
    INNER JOIN sheet
        ON answered.submission_id = sheet.submission_id AND place._table = sheet.table_no
),

progress_cell AS (
    SELECT
        line.pledge_id,
        line.submission_id,
        line.version,
        line.reported_quarter_id,
        line.sheet_name,
        line.form_sheet_name,
        core.cell_locator(line.columns, NULL, part.field, line._row) AS cell,
        part.as_written,
        part.value,
        NULL AS funding_source_code,
        NULL AS fiscal_year,
        line.population,
        part.counts,
        line._table,
        line._row,
        NULL AS _column
    FROM progress_line AS line
    INNER JOIN staging.quarterly_return__progress AS written
        USING (submission_id, _table, _row)
    CROSS JOIN
        LATERAL (
            VALUES
            ('rate', written.rate_raw, written.rate, 'rate'),
            ('status', written.status_raw, 1, 'status ' || line.status_code),
            (
                'grade', written.grade_raw, CASE WHEN line.grade_code IS NOT NULL THEN 1 END,
                'grade'
            ),
            (
                'target', written.target_raw, CASE WHEN line.is_target_met THEN 1 END, 'target'
            )
        ) AS part (field, as_written, value, counts)
    WHERE part.value IS NOT NULL
),

subproject_line AS MATERIALIZED (
    SELECT
        answered.*,
        subproject._table,
        subproject._row,
        subproject.status_code AS subproject_status_code,
        sheet.sheet_name,
        sheet.form_sheet_name,
        sheet.columns
    FROM answered
    INNER JOIN core.fct_quarterly_subproject AS subproject
        ON answered.report_id = subproject.report_id
    INNER JOIN sheet
        ON answered.submission_id = sheet.submission_id AND subproject._table = sheet.table_no
),

subproject_cell AS (
    SELECT
        line.pledge_id,
        line.submission_id,
        line.version,
        line.reported_quarter_id,
        line.sheet_name,
        line.form_sheet_name,
        core.cell_locator(line.columns, NULL, 'status', line._row) AS cell,
        written.status_raw AS as_written,
        1 AS value,
        NULL AS funding_source_code,
        NULL AS fiscal_year,
        line.population,
        'subproject ' || line.subproject_status_code AS counts,
        line._table,
        line._row,
        NULL AS _column
    FROM subproject_line AS line
    INNER JOIN staging.quarterly_return__subproject AS written
        USING (submission_id, _table, _row)
),

register_cell AS (
    SELECT
        status.pledge_id,
        written.submission_id,
        CAST(NULL AS integer) AS version,
        NULL AS reported_quarter_id,
        sheet.sheet_name,
        sheet.form_sheet_name,
        core.cell_locator(sheet.columns, NULL, 'pledge_id', written._row) AS cell,
        written.pledge_id AS as_written,
        1 AS value,
        NULL AS funding_source_code,
        NULL AS fiscal_year,
        status.population,
        'listed' AS counts,
        written._table,
        written._row,
        NULL AS _column
    FROM pledge AS status
    INNER JOIN staging.register__pledge AS written
        ON
            status._register_submission_id = written.submission_id
            AND status._register_row = written._row
            AND status.pledge_id = written.pledge_id
    INNER JOIN sheet
        ON written.submission_id = sheet.submission_id AND written._table = sheet.table_no
    WHERE status._report_id IS NULL
),

-- OFFSET keeps the amounts of a line a look-up by key, whatever else staging holds.
money_cell AS (
    SELECT
        line.pledge_id,
        line.submission_id,
        line.version,
        line.reported_quarter_id,
        line.sheet_name,
        line.form_sheet_name,
        core.cell_locator(line.columns, written._column, written.field, line._row) AS cell,
        written.amount_raw AS as_written,
        written.amount AS value,
        line.funding_source_code,
        written.fiscal_year,
        line.population,
        written.measure || ' ' || written.fiscal_year AS counts,
        line._table,
        line._row,
        written._column
    FROM budget_line AS line
    CROSS JOIN LATERAL (
        SELECT
            budget._column,
            budget.fiscal_year,
            budget.measure,
            budget.field,
            budget.amount,
            budget.amount_raw
        FROM staging.quarterly_return__budget AS budget
        WHERE
            budget.submission_id = line.submission_id
            AND budget._table = line._table
            AND budget._row = line._row
            AND NOT budget.is_total
            AND budget.fiscal_year <> 'total'
            AND budget.amount IS NOT NULL
        ORDER BY budget._column
        OFFSET 0
    ) AS written
),

told AS (
    SELECT * FROM progress_cell
    UNION ALL
    SELECT * FROM subproject_cell
    UNION ALL
    SELECT * FROM register_cell
    UNION ALL
    SELECT * FROM money_cell
),

numbered AS (
    SELECT
        told.*,
        CAST(ROW_NUMBER() OVER (
            PARTITION BY told.pledge_id
            ORDER BY told._table, told._row, LENGTH(told._column), told._column, told.cell
        ) AS integer) AS entry_number
    FROM told
),

year_fact AS (
    SELECT DISTINCT
        fiscal_year,
        COALESCE(_first_year >= :first_year AND _last_year <= :last_year, FALSE) AS is_in_term,
        COALESCE(_last_year <= :reporting_year, FALSE) AS is_over,
        COALESCE(_first_year = _last_year, FALSE) AS is_single,
        fiscal_year ~ '^\d' AS is_year
    FROM pledge_budget
),

-- What a cell adds to, by what it says that it counts. 임기후 is plan only, and 기투자 is never
-- executed, whatever the columns say.
adding AS (
    SELECT
        'rate' AS counts,
        ARRAY['rate_sum', 'rate_count'] AS sums
    UNION ALL
    SELECT
        'target' AS counts,
        ARRAY['met_count'] AS sums
    UNION ALL
    SELECT
        'grade' AS counts,
        ARRAY['graded_count'] AS sums
    UNION ALL
    SELECT
        'listed' AS counts,
        ARRAY['pledge_count'] AS sums
    UNION ALL
    SELECT
        'status ' || known.code AS counts,
        ARRAY_REMOVE(ARRAY[
            'pledge_count',
            CASE WHEN completed.is_met THEN 'completed_count' END,
            CASE WHEN known.code = 'COMPLETED' THEN 'only_completed_count' END,
            CASE WHEN completed.is_met OR known.code = 'ON_TRACK' THEN 'going_well_count' END
        ], NULL) AS sums
    FROM core.code_value AS known
    CROSS JOIN
        LATERAL (
            VALUES
            (
                known.code = 'COMPLETED' OR (
                    known.code = 'COMPLETED_ONGOING' AND CAST(:completed_ongoing_counts AS boolean)
                )
            )
        ) AS completed (is_met)
    WHERE known.list_code = 'status'
    UNION ALL
    SELECT
        'subproject ' || known.code AS counts,
        CASE
            WHEN
                known.code = 'COMPLETED' OR (
                    known.code = 'COMPLETED_ONGOING' AND CAST(:completed_ongoing_counts AS boolean)
                )
                THEN ARRAY['subproject_count', 'completed_subproject_count']
            ELSE ARRAY['subproject_count']
        END AS sums
    FROM core.code_value AS known
    WHERE known.list_code = 'status'
    UNION ALL
    SELECT
        money.measure || ' ' || year.fiscal_year AS counts,
        ARRAY_REMOVE(ARRAY[
            CASE WHEN money.is_plan THEN 'plan_krw' END,
            CASE WHEN money.is_secured THEN 'secured_krw' END,
            CASE WHEN money.is_executed THEN 'executed_krw' END,
            CASE WHEN money.is_plan AND year.is_in_term THEN 'term_plan_krw' END,
            CASE WHEN money.is_secured AND year.is_in_term THEN 'term_secured_krw' END,
            CASE WHEN money.is_executed AND year.is_in_term THEN 'term_executed_krw' END,
            CASE
                WHEN money.is_secured AND year.is_in_term AND year.is_over
                    THEN 'past_secured_krw'
            END,
            -- What is spent ahead of its year is spent; a joined column counts when it is over.
            CASE
                WHEN
                    money.is_executed AND year.is_in_term
                    AND (year.is_over OR year.is_single)
                    THEN 'past_executed_krw'
            END,
            CASE WHEN money.is_secured AND year.is_in_term THEN 'year_secured_krw' END,
            CASE WHEN money.is_executed AND year.is_in_term THEN 'year_executed_krw' END
        ], NULL) AS sums
    FROM year_fact AS year
    CROSS JOIN LATERAL (
        VALUES
        ('demand', TRUE, FALSE, FALSE),
        ('secured', TRUE, year.fiscal_year <> 'post_term', FALSE),
        ('executed', FALSE, FALSE, year.is_year)
    ) AS money (measure, is_plan, is_secured, is_executed)
),

-- There are few kinds of cells: what each counts in is asked once a kind.
kind AS MATERIALIZED (
    SELECT
        asked.population,
        adding.counts,
        ARRAY(
            SELECT measure.figure_code
            FROM core.measure AS measure
            WHERE
                measure.population = ANY(asked.populations)
                AND measure.numerator_sum = ANY(adding.sums)
            ORDER BY measure.figure_number
        ) AS numerator_of,
        ARRAY(
            SELECT measure.figure_code
            FROM core.measure AS measure
            WHERE
                measure.population = ANY(asked.populations)
                AND measure.denominator_sum = ANY(adding.sums)
            ORDER BY measure.figure_number
        ) AS denominator_of
    FROM adding
    CROSS JOIN (
        VALUES
        (0, ARRAY['in_force']),
        (1, ARRAY['in_force', 'counted']),
        (2, ARRAY['in_force', 'counted', 'counted_in_term'])
    ) AS asked (population, populations)
)

SELECT
    CAST(:quarter_id AS text) AS quarter_id,
    CAST(:government_id AS text) AS government_id,
    numbered.pledge_id,
    numbered.entry_number,
    numbered.submission_id,
    numbered.version,
    numbered.reported_quarter_id,
    numbered.form_sheet_name AS sheet_name,
    SPLIT_PART(numbered.cell, '!', -1) AS cell,
    numbered.as_written,
    TRIM_SCALE(numbered.value) AS value,
    numbered.funding_source_code,
    numbered.fiscal_year,
    kind.numerator_of,
    kind.denominator_of,
    numbered.sheet_name AS _sheet_name,
    numbered.cell AS _cell
FROM numbered
INNER JOIN kind ON numbered.counts = kind.counts AND numbered.population = kind.population
WHERE
    (
        CAST(:figure_code AS text) IS NULL
        OR CAST(:figure_code AS text) = ANY(kind.numerator_of || kind.denominator_of)
    )
    AND COALESCE(numbered.cell = CAST(:cell AS text), TRUE)
