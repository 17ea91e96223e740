-- Each row is: one cell whose value counts in figures of a quarter.
-- Reads: temp table pledge_status; core.pledge_report and its facts for the place of a report's
--     values; staging for what stands there.
-- Formula: numerator_of and denominator_of are the figures it counts in, by part. value is won, a
--     declared rate in %, or 1 where a pledge is counted; a pledge that never reported stands where
--     the register lists it. B6 looks at one year only, which depends on the scope that asks.
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

answered AS (
    SELECT
        status.pledge_id,
        status.reported_quarter_id,
        status.is_target_met,
        status.is_counted,
        COALESCE(status.due_code = 'IN_TERM', FALSE) AS is_in_term,
        status.status_code = 'ON_TRACK' AS is_on_track,
        status.status_code = 'COMPLETED' OR (
            status.status_code = 'COMPLETED_ONGOING' AND CAST(:completed_ongoing_counts AS boolean)
        ) AS is_completed,
        report.report_id,
        report.version,
        report.submission_id
    FROM pledge_status AS status
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
    WHERE answered.is_counted
),

budget_line AS MATERIALIZED (
    SELECT
        answered.pledge_id,
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
        ARRAY_REMOVE(part.numerator_of, NULL) AS numerator_of,
        ARRAY_REMOVE(part.denominator_of, NULL) AS denominator_of,
        line._table,
        line._row,
        NULL AS _column
    FROM progress_line AS line
    INNER JOIN staging.quarterly_return__progress AS written
        ON
            line.submission_id = written.submission_id
            AND line._table = written._table
            AND line._row = written._row
    CROSS JOIN
        LATERAL (
            VALUES
            (
                'rate', written.rate_raw, written.rate,
                ARRAY['R1', CASE WHEN line.is_in_term THEN 'R1_IN' END],
                ARRAY['R1', CASE WHEN line.is_in_term THEN 'R1_IN' END]
            ),
            (
                'status', written.status_raw, 1,
                ARRAY[
                    CASE WHEN line.is_completed THEN 'R2' END,
                    CASE WHEN line.is_completed OR line.is_on_track THEN 'R4' END
                ],
                ARRAY['R2', 'R3', 'R4']
            ),
            (
                'target', written.target_raw, CASE WHEN line.is_target_met THEN 1 END,
                ARRAY['R3'],
                CAST(ARRAY[] AS text[])
            )
        ) AS part (field, as_written, value, numerator_of, denominator_of)
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
        CAST(ARRAY[] AS text[]) AS numerator_of,
        ARRAY['R2', 'R3', 'R4'] AS denominator_of,
        written._table,
        written._row,
        NULL AS _column
    FROM pledge_status AS status
    INNER JOIN staging.register__pledge AS written
        ON
            status._register_submission_id = written.submission_id
            AND status._register_row = written._row
            AND status.pledge_id = written.pledge_id
    INNER JOIN sheet
        ON written.submission_id = sheet.submission_id AND written._table = sheet.table_no
    WHERE status.is_counted AND status._report_id IS NULL
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
        ARRAY_REMOVE(ARRAY[
            CASE WHEN written.is_secured THEN 'B1' END,
            CASE WHEN written.is_secured AND line.is_in_term THEN 'B2' END,
            CASE WHEN written.is_executed AND line.is_in_term THEN 'B3' END,
            CASE WHEN written.is_executed THEN 'B4' END,
            -- What is spent ahead of its year is spent; a joined column counts when it is over.
            CASE
                WHEN
                    written.is_executed AND line.is_in_term
                    AND (line.is_over OR line.is_single)
                    THEN 'B5'
            END,
            CASE WHEN written.is_executed AND line.is_in_term THEN 'B5_VOTED' END,
            CASE WHEN written.is_executed AND line.is_in_term THEN 'B6' END,
            CASE WHEN written.is_plan THEN 'PLAN' END,
            CASE WHEN written.is_secured THEN 'SECURED' END,
            CASE WHEN written.is_executed THEN 'EXECUTED' END
        ], NULL) AS numerator_of,
        ARRAY_REMOVE(ARRAY[
            CASE WHEN written.is_plan THEN 'B1' END,
            CASE WHEN written.is_plan AND line.is_in_term THEN 'B2' END,
            CASE WHEN written.is_plan AND line.is_in_term THEN 'B3' END,
            CASE WHEN written.is_plan THEN 'B4' END,
            CASE WHEN written.is_secured AND line.is_in_term AND line.is_over THEN 'B5' END,
            CASE WHEN written.is_secured AND line.is_in_term THEN 'B5_VOTED' END,
            CASE WHEN written.is_secured AND line.is_in_term THEN 'B6' END
        ], NULL) AS denominator_of,
        line._table,
        line._row,
        written._column
    FROM budget_line AS line
    INNER JOIN written
        ON
            line.submission_id = written.submission_id
            AND line._table = written._table
            AND line._row = written._row
            AND line.fiscal_year = written.fiscal_year
),

told AS (
    SELECT * FROM progress_cell
    UNION ALL
    SELECT * FROM register_cell
    UNION ALL
    SELECT * FROM money_cell
)

SELECT
    CAST(:quarter_id AS text) AS quarter_id,
    CAST(:government_id AS text) AS government_id,
    pledge_id,
    CAST(ROW_NUMBER() OVER (
        PARTITION BY pledge_id
        ORDER BY _table, _row, LENGTH(_column), _column, cell
    ) AS integer) AS entry_number,
    submission_id,
    version,
    reported_quarter_id,
    form_sheet_name AS sheet_name,
    SPLIT_PART(cell, '!', -1) AS cell,
    as_written,
    TRIM_SCALE(value) AS value,
    funding_source_code,
    fiscal_year,
    numerator_of,
    denominator_of,
    sheet_name AS _sheet_name,
    cell AS _cell
FROM told
WHERE
    (
        CAST(:figure_code AS text) IS NULL
        OR CAST(:figure_code AS text) = ANY(numerator_of || denominator_of)
    )
    AND COALESCE(cell = CAST(:cell AS text), TRUE)
