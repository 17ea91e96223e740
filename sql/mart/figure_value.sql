-- Each row is: one value, and the cell it was read from, that counts in one part of one figure.
-- Reads: temp table pledge_status; core.pledge_report and its facts for the place of a report's
--     values; staging for what stands there.
-- Formula: a pledge that counts is 1, at the cell that makes it count; money is won. A pledge that
--     never reported stands where the register lists it. span: the years that an amount counts
--     for, `year` where it counts for a single one.
-- Basis: domain §4; design §7, money. Values come from staging, and what they count for is said
--     here afresh: a figure that was loaded or computed wrongly does not agree with them.
-- When blank or zero: an amount of 0 is a value, a blank or "-" is none.
-- :figure_code, :file (a name or the number of a submission), :sheet and :cell narrow it down where
--     they are given.
WITH sheet AS NOT MATERIALIZED (
    SELECT
        submission.submission_id,
        submission.file_name,
        found.table_no,
        found.sheet_name,
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
        sheet.file_name,
        sheet.sheet_name,
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
        answered.submission_id,
        budget.funding_source_code,
        budget.fiscal_year,
        budget.first_year = budget.last_year AS is_single,
        budget.first_year >= :first_year AND budget.last_year <= :last_year AS is_in_term,
        budget.last_year <= :reporting_year AS is_over,
        budget._table,
        budget._row,
        sheet.file_name,
        sheet.sheet_name,
        sheet.columns
    FROM answered
    INNER JOIN core.fct_quarterly_budget AS budget ON answered.report_id = budget.report_id
    INNER JOIN sheet
        ON answered.submission_id = sheet.submission_id AND budget._table = sheet.table_no
),

progress_value AS (
    SELECT
        part.figure_code,
        part.part,
        line.pledge_id,
        part.value,
        part.as_written,
        line.reported_quarter_id,
        line.submission_id,
        line.file_name,
        line.sheet_name,
        core.cell_locator(line.columns, NULL, part.field, line._row) AS cell,
        NULL AS span,
        NULL AS funding_source_code,
        NULL AS fiscal_year,
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
            ('R1', 'numerator', TRUE, written.rate, 'rate', written.rate_raw),
            ('R1', 'denominator', written.rate IS NOT NULL, 1, 'rate', written.rate_raw),
            ('R1_IN', 'numerator', line.is_in_term, written.rate, 'rate', written.rate_raw),
            (
                'R1_IN', 'denominator', line.is_in_term AND written.rate IS NOT NULL, 1,
                'rate', written.rate_raw
            ),
            ('R2', 'numerator', line.is_completed, 1, 'status', written.status_raw),
            ('R2', 'denominator', TRUE, 1, 'status', written.status_raw),
            ('R3', 'numerator', line.is_target_met, 1, 'target', written.target_raw),
            ('R3', 'denominator', TRUE, 1, 'status', written.status_raw),
            (
                'R4', 'numerator', line.is_completed OR line.is_on_track, 1,
                'status', written.status_raw
            ),
            ('R4', 'denominator', TRUE, 1, 'status', written.status_raw)
        ) AS part (figure_code, part, is_in, value, field, as_written)
    WHERE part.is_in AND part.value IS NOT NULL
),

register_value AS (
    SELECT
        part.figure_code,
        'denominator' AS part,
        status.pledge_id,
        1 AS value,
        written.pledge_id AS as_written,
        NULL AS reported_quarter_id,
        written.submission_id,
        sheet.file_name,
        sheet.sheet_name,
        core.cell_locator(sheet.columns, NULL, 'pledge_id', written._row) AS cell,
        NULL AS span,
        NULL AS funding_source_code,
        NULL AS fiscal_year,
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
    CROSS JOIN (VALUES ('R2'), ('R3'), ('R4')) AS part (figure_code)
    WHERE status.is_counted AND status._report_id IS NULL
),

money_part (figure_code, part, measure, span) AS (
    VALUES
    ('B1', 'numerator', 'secured', 'whole'),
    ('B1', 'denominator', 'plan', 'whole'),
    ('B2', 'numerator', 'secured', 'term'),
    ('B2', 'denominator', 'plan', 'term'),
    ('B3', 'numerator', 'executed', 'term'),
    ('B3', 'denominator', 'plan', 'term'),
    ('B4', 'numerator', 'executed', 'whole'),
    ('B4', 'denominator', 'plan', 'whole'),
    ('B5', 'numerator', 'executed', 'spent'),
    ('B5', 'denominator', 'secured', 'past'),
    ('B5_VOTED', 'numerator', 'executed', 'term'),
    ('B5_VOTED', 'denominator', 'secured', 'term'),
    ('B6', 'numerator', 'executed', 'year'),
    ('B6', 'denominator', 'secured', 'year'),
    ('PLAN', 'numerator', 'plan', 'whole'),
    ('SECURED', 'numerator', 'secured', 'whole'),
    ('EXECUTED', 'numerator', 'executed', 'whole')
),

money_value AS (
    SELECT
        money_part.figure_code,
        money_part.part,
        line.pledge_id,
        written.amount AS value,
        written.amount_raw AS as_written,
        line.reported_quarter_id,
        line.submission_id,
        line.file_name,
        line.sheet_name,
        core.cell_locator(line.columns, written._column, written.field, line._row) AS cell,
        money_part.span,
        line.funding_source_code,
        line.fiscal_year,
        line._table,
        line._row,
        written._column
    FROM budget_line AS line
    INNER JOIN staging.quarterly_return__budget AS written
        ON
            line.submission_id = written.submission_id
            AND line._table = written._table
            AND line._row = written._row
            AND line.fiscal_year = written.fiscal_year
    INNER JOIN money_part
        ON
            -- 임기후 is plan only, and 기투자 is never executed, whatever their columns are called.
            CASE money_part.measure
                WHEN 'plan' THEN written.measure <> 'executed'
                WHEN 'secured' THEN written.measure = 'secured' AND line.fiscal_year <> 'post_term'
                ELSE written.measure = 'executed' AND line.fiscal_year ~ '^\d'
            END
            -- What is spent ahead of its year is spent; a joined column counts when it is over.
            AND CASE money_part.span
                WHEN 'whole' THEN TRUE
                WHEN 'past' THEN line.is_in_term AND line.is_over
                WHEN 'spent' THEN line.is_in_term AND (line.is_over OR line.is_single)
                ELSE line.is_in_term
            END
    WHERE written.amount IS NOT NULL
),

told AS (
    SELECT * FROM progress_value
    UNION ALL
    SELECT * FROM register_value
    UNION ALL
    SELECT * FROM money_value
)

SELECT *
FROM told
WHERE
    figure_code = COALESCE(CAST(:figure_code AS text), figure_code)
    AND COALESCE(cell = CAST(:cell AS text), TRUE)
