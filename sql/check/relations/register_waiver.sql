-- Each row is one line of the sheet 점검예외 of a register.
-- Reads staging.register__waiver, __department, __pledge; the known and the waivable rules are told
-- as settings of the session.

SELECT
    line.submission_id,
    line._table,
    line._row,
    line.pledge_id,
    line.rule_id,
    line.department_code,
    line.first_quarter_id,
    line.last_quarter_id,
    line.expires_on,
    line.expires_on_kind,
    line.approver,
    line.reason,
    CONCAT_WS(
        '|', line.rule_id, line.department_code, line.first_quarter_id, line.last_quarter_id
    ) AS row_key,
    COALESCE(
        line.rule_id = ANY(STRING_TO_ARRAY(CURRENT_SETTING('gongyak.rule_ids'), ',')), FALSE
    ) AS is_rule_known,
    COALESCE(
        line.rule_id = ANY(STRING_TO_ARRAY(CURRENT_SETTING('gongyak.waivable_rule_ids'), ',')),
        FALSE
    ) AS is_waivable,
    line.department_code IS NULL OR EXISTS (
        SELECT 1
        FROM staging.register__department AS department
        WHERE
            department.submission_id = line.submission_id
            AND department.department_code = line.department_code
    ) AS is_department_known,
    line.pledge_id IS NULL OR EXISTS (
        SELECT 1
        FROM staging.register__pledge AS pledge
        WHERE
            pledge.submission_id = line.submission_id
            AND pledge.pledge_id = line.pledge_id
    ) AS is_pledge_known,
    COALESCE(
        core.quarter_kind(line.first_quarter_id) IS NOT NULL
        AND (line.last_quarter_id IS NULL OR core.quarter_kind(line.last_quarter_id) IS NOT NULL),
        FALSE
    ) AS are_quarters,
    CASE
        WHEN
            core.quarter_kind(line.first_quarter_id) IS NOT NULL
            AND core.quarter_kind(line.last_quarter_id) IS NOT NULL
            THEN
                core.quarter_last_day(line.last_quarter_id)
                < core.quarter_first_day(line.first_quarter_id)
        ELSE FALSE
    END AS ends_before_it_starts
FROM staging.register__waiver AS line
INNER JOIN checked__submission USING (submission_id)
