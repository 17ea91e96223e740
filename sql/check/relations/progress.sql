-- Each row is one line of 공약현황 of the batch, coded, beside the register and the last report.
-- Reads staging.quarterly_return__progress, staging.pledge_card__header, core.pledges_on,
-- core.reports_known, core.reports_until. A card is its owner's, unless its 추진부서 names another
-- department.
-- file_count is how many files of the batch report this pledge for the quarter.
-- named_pledge_id is another pledge whose registered name stands on the line.
-- previous_* is the report in force of the newest other period up to 기준일, accepted_report_id that
-- of this one; null when there is none.

WITH shared AS (
    SELECT
        scope.government_id,
        scope.term_number,
        scope.quarter_id,
        line.pledge_id,
        COUNT(DISTINCT scope.submission_id) AS file_count,
        MIN(file.file_name) AS first_file_name
    FROM staging.quarterly_return__progress AS line
    INNER JOIN checked__submission AS scope USING (submission_id)
    INNER JOIN audit.submission AS file USING (submission_id)
    WHERE line.pledge_id IS NOT NULL AND file.replays_submission_id IS NULL
    GROUP BY scope.government_id, scope.term_number, scope.quarter_id, line.pledge_id
    HAVING COUNT(DISTINCT scope.submission_id) > 1
)

SELECT
    line.submission_id,
    line._table,
    line._row,
    line.pledge_id,
    line.pledge_name,
    ''::text AS row_key,
    line.status_raw,
    line.status_kind,
    status_value.code AS status_code,
    CASE
        WHEN status_value.code IS NULL
            THEN core.status_choices(scope.government_id, scope.known_at)
    END AS status_choices,
    status_value.name AS status_name,
    EXISTS(
        SELECT 1 FROM core.code_label AS named
        WHERE named.list_code = 'grade' AND named.label_key = line.status
    ) AS is_named_as_grade,
    line.rate AS rate_pct,
    line.rate_raw,
    line.rate_kind,
    line.target_raw,
    line.target_kind,
    target.code AS target_code,
    line.grade_raw,
    line.grade_kind,
    grade.code AS grade_code,
    line.due_raw,
    line.due_kind,
    due.code AS due_code,
    line.due_year,
    line.due_year_kind,
    line.content,
    line.correction_reason,
    scope.government_id,
    scope.department_code,
    scope.quarter_id,
    scope.reporting_year,
    scope.reference_date,
    scope.term_end_date,
    pledge.pledge_name AS register_name,
    namesake.pledge_id AS named_pledge_id,
    pledge.due_code AS register_due_code,
    due_value.name AS register_due_name,
    pledge.due_year AS register_due_year,
    decision.change_code AS decision_code,
    decision.change_date AS decision_date,
    previous.report_id AS previous_report_id,
    previous.quarter_id AS previous_quarter_id,
    previous.status_code AS previous_status_code,
    previous.declared_rate_pct AS previous_rate_pct,
    accepted.report_id AS accepted_report_id,
    lost._row IS NOT NULL AS is_id_lost,
    pledge.pledge_id IS NOT NULL AS is_known,
    COALESCE(
        core.department_on(
            scope.government_id,
            COALESCE(card.department_code, scope.department_code),
            scope.reference_date
        )
        = core.department_on(
            scope.government_id, pledge.department_codes[1], scope.reference_date
        ),
        FALSE
    ) AS is_owned,
    previous_status.name AS previous_status_name,
    shared.first_file_name AS shared_first_file,
    COALESCE(shared.file_count, 1) AS file_count,
    ROW_NUMBER() OVER same_pledge AS occurrence,
    FIRST_VALUE(line._row) OVER same_pledge AS first_row
FROM staging.quarterly_return__progress AS line
LEFT JOIN checked__lost_id AS lost USING (submission_id, _table, _row)
INNER JOIN checked__submission AS scope USING (submission_id)
LEFT JOIN core.code_value AS status_value
    ON
        status_value.list_code = 'status'
        AND status_value.code
        = core.status_coded(scope.government_id, line.status, scope.known_at)
LEFT JOIN core.code_label AS target
    ON target.list_code = 'target' AND line.target = target.label_key
LEFT JOIN core.code_label AS grade
    ON grade.list_code = 'grade' AND line.grade = grade.label_key
LEFT JOIN core.code_label AS due
    ON due.list_code = 'due' AND line.due = due.label_key
LEFT JOIN LATERAL core.pledges_on(
    scope.government_id, scope.term_number, scope.reference_date
) AS pledge ON line.pledge_id = pledge.pledge_id
LEFT JOIN LATERAL (
    -- Whose registered name stands on the line, where it is not its own pledge's.
    SELECT MIN(other.pledge_id) AS pledge_id
    FROM core.pledges_on(scope.government_id, scope.term_number, scope.reference_date) AS other
    WHERE
        core.name_key(line.pledge_name) <> core.name_key(pledge.pledge_name)
        AND core.name_key(other.pledge_name) = core.name_key(line.pledge_name)
) AS namesake ON TRUE
LEFT JOIN core.code_value AS due_value
    ON due_value.list_code = 'due' AND pledge.due_code = due_value.code
LEFT JOIN LATERAL (
    SELECT
        change.change_code,
        change.change_date
    FROM core.pledge_change AS change
    WHERE
        change.government_id = scope.government_id
        AND change.term_number = scope.term_number
        AND change.pledge_id = line.pledge_id
        AND change.superseded_at = 'infinity'
        AND change.change_code IN ('DROPPED', 'MERGED', 'COMPLETED')
        AND change.change_date <= scope.reference_date
    ORDER BY change.change_date DESC
    LIMIT 1
) AS decision ON TRUE
LEFT JOIN LATERAL (
    SELECT
        report.report_id,
        report.quarter_id,
        progress.status_code,
        progress.declared_rate_pct
    FROM
        core.reports_until(
            scope.government_id, scope.term_number, line.pledge_id, scope.quarter_id,
            scope.reference_date, scope.known_until
        ) AS report
    INNER JOIN core.fct_quarterly_progress AS progress USING (report_id)
    WHERE report.quarter_id <> scope.quarter_id
    ORDER BY report.place
    LIMIT 1
) AS previous ON TRUE
LEFT JOIN LATERAL core.reports_known(
    scope.government_id, scope.term_number, line.pledge_id, scope.known_at
) AS accepted ON scope.quarter_id = accepted.quarter_id
LEFT JOIN LATERAL (
    -- Several cards in one document may be of several departments.
    SELECT
        COALESCE(
            core.department_named(
                scope.government_id, header.department_name, scope.reference_date
            ),
            pledge.department_codes[1]
        ) AS department_code
    FROM staging.pledge_card__header AS header
    WHERE
        header.submission_id = line.submission_id
        AND header.pledge_id = line.pledge_id
    ORDER BY header._table
    LIMIT 1
) AS card ON TRUE
LEFT JOIN core.code_value AS previous_status
    ON previous_status.list_code = 'status' AND previous.status_code = previous_status.code
LEFT JOIN shared
    ON
        scope.government_id = shared.government_id
        AND scope.term_number = shared.term_number
        AND scope.quarter_id = shared.quarter_id
        AND line.pledge_id = shared.pledge_id
WINDOW
    same_pledge AS (
        PARTITION BY line.submission_id, line.pledge_id ORDER BY line._table, line._row
    )
