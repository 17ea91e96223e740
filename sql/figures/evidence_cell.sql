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
        ARRAY_REMOVE(ARRAY[
            'in_force',
            CASE WHEN is_counted THEN 'counted' END,
            CASE WHEN is_counted AND due_code = 'IN_TERM' THEN 'counted_in_term' END
        ], NULL) AS populations
    FROM pledge_status AS status
),

answered AS (
    SELECT
        status.pledge_id,
        status.populations,
        status.reported_quarter_id,
        status.is_target_met,
        status.status_code,
        status.status_code = 'COMPLETED' OR (
            status.status_code = 'COMPLETED_ONGOING' AND CAST(:completed_ongoing_counts AS boolean)
        ) AS is_completed,
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

budget_line AS MATERIALIZED (
    SELECT
        answered.pledge_id,
        answered.populations,
        answered.reported_quarter_id,
        answered.version,
        answered.submission_id,
        budget.funding_source_code,
        budget.fiscal_year,
        budget.first_year = budget.last_year AS is_single,
        budget.first_year >= :first_year AND budget.last_year <= :last_year AS is_in_term,
        budget.last_year <= :reporting_year AS is_over,
        budget._table,
        budget._row,
        sheet.sheet_name,
        sheet.form_sheet_name,
        sheet.columns
    FROM answered
    INNER JOIN core.fct_quarterly_budget AS budget ON answered.report_id = budget.report_id
    INNER JOIN sheet
        ON answered.submission_id = sheet.submission_id AND budget._table = sheet.table_no
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
        line.populations,
        part.sums,
        line._table,
        line._row,
        NULL AS _column
    FROM progress_line AS line
    INNER JOIN staging.quarterly_return__progress AS written
        USING (submission_id, _table, _row)
    CROSS JOIN
        LATERAL (
            VALUES
            ('rate', written.rate_raw, written.rate, ARRAY['rate_sum', 'rate_count']),
            (
                'status', written.status_raw, 1,
                ARRAY_REMOVE(ARRAY[
                    'pledge_count',
                    CASE WHEN line.is_completed THEN 'completed_count' END,
                    CASE WHEN line.status_code = 'COMPLETED' THEN 'only_completed_count' END,
                    CASE
                        WHEN line.is_completed OR line.status_code = 'ON_TRACK'
                            THEN 'going_well_count'
                    END
                ], NULL)
            ),
            (
                'target', written.target_raw, CASE WHEN line.is_target_met THEN 1 END,
                ARRAY['met_count']
            )
        ) AS part (field, as_written, value, sums)
    WHERE part.value IS NOT NULL
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
        status.populations,
        ARRAY['pledge_count'] AS sums,
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

budget_place AS (
    SELECT DISTINCT
        submission_id,
        _table,
        _row
    FROM budget_line
),

-- The amounts of a line stand together, so they are fetched once for all its years. OFFSET keeps
-- that a look-up by key, whatever else staging holds.
written AS MATERIALIZED (
    SELECT
        line.submission_id,
        amount._table,
        amount._row,
        amount._column,
        amount.fiscal_year,
        amount.field,
        amount.amount,
        amount.amount_raw,
        -- 임기후 is plan only, and 기투자 is never executed, whatever the columns say.
        amount.measure <> 'executed' AS is_plan,
        amount.measure = 'secured' AND amount.fiscal_year <> 'post_term' AS is_secured,
        amount.measure = 'executed' AND amount.fiscal_year ~ '^\d' AS is_executed
    FROM budget_place AS line
    CROSS JOIN LATERAL (
        SELECT
            budget._table,
            budget._row,
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
            AND budget.amount IS NOT NULL
        ORDER BY budget._column
        OFFSET 0
    ) AS amount
),

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
        line.fiscal_year,
        line.populations,
        ARRAY_REMOVE(ARRAY[
            CASE WHEN written.is_plan THEN 'plan_krw' END,
            CASE WHEN written.is_secured THEN 'secured_krw' END,
            CASE WHEN written.is_executed THEN 'executed_krw' END,
            CASE WHEN written.is_plan AND line.is_in_term THEN 'term_plan_krw' END,
            CASE WHEN written.is_secured AND line.is_in_term THEN 'term_secured_krw' END,
            CASE WHEN written.is_executed AND line.is_in_term THEN 'term_executed_krw' END,
            CASE
                WHEN written.is_secured AND line.is_in_term AND line.is_over
                    THEN 'past_secured_krw'
            END,
            -- What is spent ahead of its year is spent; a joined column counts when it is over.
            CASE
                WHEN
                    written.is_executed AND line.is_in_term
                    AND (line.is_over OR line.is_single)
                    THEN 'past_executed_krw'
            END,
            CASE WHEN written.is_secured AND line.is_in_term THEN 'year_secured_krw' END,
            CASE WHEN written.is_executed AND line.is_in_term THEN 'year_executed_krw' END
        ], NULL) AS sums,
        line._table,
        line._row,
        written._column
    FROM budget_line AS line
    INNER JOIN written USING (submission_id, _table, _row, fiscal_year)
),

told AS (
    SELECT * FROM progress_cell
    UNION ALL
    SELECT * FROM register_cell
    UNION ALL
    SELECT * FROM money_cell
),

-- There are few kinds of cells: what each counts in is asked once a kind.
kind AS (
    SELECT DISTINCT
        populations,
        sums
    FROM told
),

counting AS MATERIALIZED (
    SELECT
        kind.populations,
        kind.sums,
        ARRAY(
            SELECT measure.figure_code
            FROM core.measure AS measure
            WHERE
                measure.population = ANY(kind.populations)
                AND measure.numerator_sum = ANY(kind.sums)
            ORDER BY measure.figure_number
        ) AS numerator_of,
        ARRAY(
            SELECT measure.figure_code
            FROM core.measure AS measure
            WHERE
                measure.population = ANY(kind.populations)
                AND measure.denominator_sum = ANY(kind.sums)
            ORDER BY measure.figure_number
        ) AS denominator_of
    FROM kind
)

SELECT
    CAST(:quarter_id AS text) AS quarter_id,
    CAST(:government_id AS text) AS government_id,
    told.pledge_id,
    CAST(ROW_NUMBER() OVER (
        PARTITION BY told.pledge_id
        ORDER BY told._table, told._row, LENGTH(told._column), told._column, told.cell
    ) AS integer) AS entry_number,
    told.submission_id,
    told.version,
    told.reported_quarter_id,
    told.form_sheet_name AS sheet_name,
    SPLIT_PART(told.cell, '!', -1) AS cell,
    told.as_written,
    TRIM_SCALE(told.value) AS value,
    told.funding_source_code,
    told.fiscal_year,
    counting.numerator_of,
    counting.denominator_of,
    told.sheet_name AS _sheet_name,
    told.cell AS _cell
FROM told
INNER JOIN counting ON told.populations = counting.populations AND told.sums = counting.sums
WHERE
    (
        CAST(:figure_code AS text) IS NULL
        OR CAST(:figure_code AS text) = ANY(counting.numerator_of || counting.denominator_of)
    )
    AND COALESCE(told.cell = CAST(:cell AS text), TRUE)
