-- What a code is called stands beside it, so that no question begins with a join. Rows of before
-- are told what they would be told now; what was published, what its government was called then.
-- A government that no register names any more keeps its code for a name, as publications do.
ALTER TABLE mart.computed_quarter ADD COLUMN government_name text NOT NULL DEFAULT '';
UPDATE mart.computed_quarter AS computed
SET government_name = COALESCE(
    (
        SELECT government.government_name
        FROM core.dim_government AS government
        WHERE government.government_id = computed.government_id
        ORDER BY government.recorded_at DESC
        LIMIT 1
    ),
    computed.government_id
);
ALTER TABLE mart.computed_quarter ALTER COLUMN government_name DROP DEFAULT;

-- Money of a whole pledge, which a join with its lines would count once a line.
ALTER TABLE mart.pledge_status RENAME COLUMN plan_krw TO pledge_plan_krw;
ALTER TABLE mart.pledge_status RENAME COLUMN secured_krw TO pledge_secured_krw;
ALTER TABLE mart.pledge_status RENAME COLUMN executed_krw TO pledge_executed_krw;
ALTER TABLE mart.released_pledge RENAME COLUMN plan_krw TO pledge_plan_krw;
ALTER TABLE mart.released_pledge RENAME COLUMN secured_krw TO pledge_secured_krw;
ALTER TABLE mart.released_pledge RENAME COLUMN executed_krw TO pledge_executed_krw;

ALTER TABLE mart.pledge_status
ADD COLUMN government_name text NOT NULL DEFAULT '',
ADD COLUMN due_name text,
ADD COLUMN novelty_name text,
ADD COLUMN actor_name text,
ADD COLUMN delivery_name text,
ADD COLUMN budget_class_name text,
ADD COLUMN decision_name text;
UPDATE mart.pledge_status AS status
SET
    government_name = computed.government_name,
    due_name = (
        SELECT known.name FROM core.code_value AS known
        WHERE known.list_code = 'due' AND known.code = status.due_code
    ),
    novelty_name = (
        SELECT known.name FROM core.code_value AS known
        WHERE known.list_code = 'novelty' AND known.code = status.novelty_code
    ),
    actor_name = (
        SELECT known.name FROM core.code_value AS known
        WHERE known.list_code = 'actor' AND known.code = status.actor_code
    ),
    delivery_name = (
        SELECT known.name FROM core.code_value AS known
        WHERE known.list_code = 'delivery' AND known.code = status.delivery_code
    ),
    budget_class_name = (
        SELECT known.name FROM core.code_value AS known
        WHERE known.list_code = 'budget_class' AND known.code = status.budget_class_code
    ),
    decision_name = (
        SELECT known.name FROM core.code_value AS known
        WHERE known.list_code = 'change_kind' AND known.code = status.decision_code
    )
FROM mart.computed_quarter AS computed
WHERE
    status.quarter_id = computed.quarter_id
    AND status.government_id = computed.government_id;
ALTER TABLE mart.pledge_status ALTER COLUMN government_name DROP DEFAULT;

ALTER TABLE mart.pledge_budget
ADD COLUMN government_name text NOT NULL DEFAULT '',
ADD COLUMN pledge_name text NOT NULL DEFAULT '',
ADD COLUMN field_name text,
ADD COLUMN funding_source_name text NOT NULL DEFAULT '';
UPDATE mart.pledge_budget AS budget
SET
    government_name = status.government_name,
    pledge_name = status.pledge_name,
    field_name = status.field_name,
    funding_source_name = COALESCE(
        (
            SELECT known.name FROM core.code_value AS known
            WHERE known.list_code = 'funding_source' AND known.code = budget.funding_source_code
        ),
        budget.funding_source_code
    )
FROM mart.pledge_status AS status
WHERE
    budget.quarter_id = status.quarter_id
    AND budget.government_id = status.government_id
    AND budget.pledge_id = status.pledge_id;
ALTER TABLE mart.pledge_budget
ALTER COLUMN government_name DROP DEFAULT,
ALTER COLUMN pledge_name DROP DEFAULT,
ALTER COLUMN funding_source_name DROP DEFAULT;

ALTER TABLE mart.missing_report
ADD COLUMN government_name text NOT NULL DEFAULT '',
ADD COLUMN field_name text;
UPDATE mart.missing_report AS missing
SET
    government_name = status.government_name,
    field_name = status.field_name
FROM mart.pledge_status AS status
WHERE
    missing.quarter_id = status.quarter_id
    AND missing.government_id = status.government_id
    AND missing.pledge_id = status.pledge_id;
ALTER TABLE mart.missing_report ALTER COLUMN government_name DROP DEFAULT;

-- A pledge that left is asked after in the quarter that it was last in.
ALTER TABLE mart.denominator_history
ADD COLUMN government_name text NOT NULL DEFAULT '',
ADD COLUMN field_name text;
UPDATE mart.denominator_history AS history
SET
    government_name = computed.government_name,
    field_name = (
        SELECT status.field_name
        FROM mart.pledge_status AS status
        WHERE
            status.government_id = history.government_id
            AND status.term_number = history.term_number
            AND status.pledge_id = history.pledge_id
            AND status.quarter_id <= history.quarter_id
        ORDER BY status.quarter_id DESC
        LIMIT 1
    )
FROM mart.computed_quarter AS computed
WHERE
    history.quarter_id = computed.quarter_id
    AND history.government_id = computed.government_id;
ALTER TABLE mart.denominator_history ALTER COLUMN government_name DROP DEFAULT;

ALTER TABLE mart.waived_finding
ADD COLUMN government_name text NOT NULL DEFAULT '',
ADD COLUMN department_name text,
ADD COLUMN pledge_name text,
ADD COLUMN field_name text;
UPDATE mart.waived_finding AS waived
SET
    government_name = computed.government_name,
    department_name = (
        SELECT department.department_name
        FROM core.dim_department AS department
        WHERE
            department.government_id = waived.government_id
            AND department.department_code = waived.department_code
        ORDER BY department.superseded_at DESC, department.valid_from DESC
        LIMIT 1
    ),
    pledge_name = (
        SELECT status.pledge_name
        FROM mart.pledge_status AS status
        WHERE
            status.quarter_id = waived.quarter_id
            AND status.government_id = waived.government_id
            AND status.pledge_id = waived.pledge_id
    ),
    field_name = (
        SELECT status.field_name
        FROM mart.pledge_status AS status
        WHERE
            status.quarter_id = waived.quarter_id
            AND status.government_id = waived.government_id
            AND status.pledge_id = waived.pledge_id
    )
FROM mart.computed_quarter AS computed
WHERE
    waived.quarter_id = computed.quarter_id
    AND waived.government_id = computed.government_id;
ALTER TABLE mart.waived_finding ALTER COLUMN government_name DROP DEFAULT;

ALTER TABLE mart.status_count ADD COLUMN government_name text NOT NULL DEFAULT '';
UPDATE mart.status_count AS counted
SET government_name = computed.government_name
FROM mart.computed_quarter AS computed
WHERE
    counted.quarter_id = computed.quarter_id
    AND counted.government_id = computed.government_id;
ALTER TABLE mart.status_count ALTER COLUMN government_name DROP DEFAULT;

ALTER TABLE mart.implementation_rate ADD COLUMN government_name text NOT NULL DEFAULT '';
UPDATE mart.implementation_rate AS figure
SET government_name = computed.government_name
FROM mart.computed_quarter AS computed
WHERE
    figure.quarter_id = computed.quarter_id
    AND figure.government_id = computed.government_id;
ALTER TABLE mart.implementation_rate ALTER COLUMN government_name DROP DEFAULT;

ALTER TABLE mart.budget_execution ADD COLUMN government_name text NOT NULL DEFAULT '';
UPDATE mart.budget_execution AS figure
SET government_name = computed.government_name
FROM mart.computed_quarter AS computed
WHERE
    figure.quarter_id = computed.quarter_id
    AND figure.government_id = computed.government_id;
ALTER TABLE mart.budget_execution ALTER COLUMN government_name DROP DEFAULT;

ALTER TABLE mart.published_figure ADD COLUMN government_name text NOT NULL DEFAULT '';
UPDATE mart.published_figure AS printed
SET government_name = computed.government_name
FROM mart.computed_quarter AS computed
WHERE
    printed.quarter_id = computed.quarter_id
    AND printed.government_id = computed.government_id;
ALTER TABLE mart.published_figure ALTER COLUMN government_name DROP DEFAULT;

ALTER TABLE mart.released_figure ADD COLUMN government_name text NOT NULL DEFAULT '';
UPDATE mart.released_figure AS figure
SET government_name = COALESCE(
    (
        SELECT government.government_name
        FROM core.dim_government AS government
        INNER JOIN audit.release AS release
            ON
                release.government_id = figure.government_id
                AND release.quarter_id = figure.quarter_id
                AND release.revision = figure.revision
        WHERE
            government.government_id = figure.government_id
            AND government.recorded_at <= release.as_of
        ORDER BY government.recorded_at DESC
        LIMIT 1
    ),
    figure.government_id
);
ALTER TABLE mart.released_figure ALTER COLUMN government_name DROP DEFAULT;

ALTER TABLE mart.released_pledge
ADD COLUMN government_name text NOT NULL DEFAULT '',
ADD COLUMN due_name text;
UPDATE mart.released_pledge AS pledge
SET
    government_name = COALESCE(
        (
            SELECT government.government_name
            FROM core.dim_government AS government
            INNER JOIN audit.release AS release
                ON
                    release.government_id = pledge.government_id
                    AND release.quarter_id = pledge.quarter_id
                    AND release.revision = pledge.revision
            WHERE
                government.government_id = pledge.government_id
                AND government.recorded_at <= release.as_of
            ORDER BY government.recorded_at DESC
            LIMIT 1
        ),
        pledge.government_id
    ),
    due_name = (
        SELECT known.name FROM core.code_value AS known
        WHERE known.list_code = 'due' AND known.code = pledge.due_code
    );
ALTER TABLE mart.released_pledge ALTER COLUMN government_name DROP DEFAULT;
