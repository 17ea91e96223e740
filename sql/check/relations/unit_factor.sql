-- Each row is one amount that is about a factor of units (×100, ×1,000, … or its inverse) away from
-- what it can be held against, or too large for such a government; the bounds are settings of the
-- catalogue (`bounds` in expectations/). In won. Reads checked__budget_line, __budget_year,
-- __pledge, __amount_before, __submission.
-- basis: accepted (the report of this quarter in force), previous (the last one before it), total
-- (총사업비), plan (확보 beside 계획 of one year), secured (집행 beside 확보), bound (nothing to compare).
-- basis_rank 1 is the strongest evidence of its pledge: a unit mistaken everywhere is told once.

WITH bound AS (
    SELECT
        STRING_TO_ARRAY(CURRENT_SETTING('gongyak.unit_factors'), ',')::numeric[] AS factors,
        CURRENT_SETTING('gongyak.unit_nearness')::numeric AS nearness,
        SPLIT_PART(CURRENT_SETTING('gongyak.unit_factors'), ',', 1)::numeric
        * (1 - CURRENT_SETTING('gongyak.unit_nearness')::numeric) AS least_factor,
        CURRENT_SETTING('gongyak.least_factor_of_executed')::numeric AS least_of_executed,
        CURRENT_SETTING('gongyak.largest_amount_krw')::numeric AS largest_krw,
        CURRENT_SETTING('gongyak.largest_amount_of_upper_krw')::numeric AS largest_of_upper_krw
),

unreadable AS (
    SELECT DISTINCT
        submission_id,
        _table,
        _row
    FROM checked__budget_year
    WHERE has_unreadable
),

line AS (
    SELECT
        line.submission_id,
        line._table,
        line._row,
        line.pledge_id,
        line.row_key,
        line.largest_field,
        line.subproject_name,
        line.source,
        line.plan_krw
    FROM checked__budget_line AS line
    LEFT JOIN unreadable USING (submission_id, _table, _row)
    WHERE line.occurrence = 1 AND line.pledge_id IS NOT NULL AND unreadable._row IS NULL
),

year AS (
    SELECT
        line.*,
        year.fiscal_year,
        year.unit_krw,
        year.secured_krw,
        year.demand_krw,
        year.executed_krw,
        year.is_demand_label AND year.is_secured_label AS is_planned_beside,
        year.secured_krw + year.demand_krw AS year_krw,
        CASE
            WHEN year.demand_krw > year.secured_krw THEN year.fiscal_year || '.demand'
            ELSE year.fiscal_year || '.secured'
        END AS plan_field
    FROM line
    INNER JOIN checked__budget_year AS year USING (submission_id, _table, _row)
),

-- Joined with the years last and by itself: with the classes of the governments beside them, the
-- planner expects one row of the years and compares each with every submission.
too_large AS MATERIALIZED (
    SELECT
        pledge.submission_id,
        pledge.pledge_id,
        CASE
            WHEN scope.government_class IN ('METROPOLITAN', 'PROVINCE')
                THEN bound.largest_of_upper_krw
            ELSE bound.largest_krw
        END AS from_krw,
        10 * GREATEST(pledge.declared_total_krw, pledge.previous_plan_krw, 0) AS above_krw
    FROM checked__pledge AS pledge
    INNER JOIN checked__submission AS scope USING (submission_id)
    CROSS JOIN bound
    WHERE pledge.has_progress
),

compared AS (
    SELECT
        year.submission_id,
        year._table,
        year._row,
        year.pledge_id,
        year.plan_field AS field,
        before.basis,
        year.year_krw AS amount_krw,
        before.plan_krw AS against_krw,
        before.plan_krw AS reference_krw
    FROM year
    INNER JOIN checked__amount_before AS before
        ON
            year.submission_id = before.submission_id
            AND year.pledge_id = before.pledge_id
            AND year.subproject_name = before.subproject_name
            AND year.source = before.funding_source_label
            AND year.fiscal_year = before.fiscal_year
    UNION ALL
    SELECT
        line.submission_id,
        line._table,
        line._row,
        line.pledge_id,
        line.largest_field AS field,
        before.basis,
        line.plan_krw AS amount_krw,
        before.plan_krw AS against_krw,
        before.plan_krw AS reference_krw
    FROM line
    INNER JOIN checked__amount_before AS before
        ON
            line.submission_id = before.submission_id
            AND line.pledge_id = before.pledge_id
            AND line.subproject_name = before.subproject_name
            AND line.source = before.funding_source_label
            AND before.fiscal_year IS NULL
    UNION ALL
    SELECT
        submission_id,
        _table,
        plan_row AS _row,
        pledge_id,
        plan_field AS field,
        'total' AS basis,
        plan_krw AS amount_krw,
        declared_total_krw AS against_krw,
        declared_total_krw AS reference_krw
    FROM checked__pledge
    WHERE has_progress AND has_money AND NOT is_money_doubtful AND previous_plan_krw IS NULL
    UNION ALL
    -- One amount alone: what the others leave of the total is a factor below it.
    SELECT
        year.submission_id,
        year._table,
        year._row,
        year.pledge_id,
        year.plan_field AS field,
        'total' AS basis,
        year.year_krw AS amount_krw,
        pledge.declared_total_krw - pledge.plan_krw + year.year_krw AS against_krw,
        pledge.declared_total_krw AS reference_krw
    FROM year
    INNER JOIN checked__pledge AS pledge USING (submission_id, pledge_id)
    WHERE
        pledge.has_progress
        AND NOT pledge.is_money_doubtful
        AND pledge.plan_krw > pledge.declared_total_krw
    UNION ALL
    SELECT
        year.submission_id,
        year._table,
        year._row,
        year.pledge_id,
        year.fiscal_year || '.' || part.measure AS field,
        part.basis,
        part.amount_krw,
        part.against_krw,
        part.against_krw AS reference_krw
    FROM year
    CROSS JOIN
        LATERAL (
            VALUES
            ('plan', 'secured', year.secured_krw, year.year_krw, year.is_planned_beside),
            ('secured', 'executed', year.executed_krw, year.secured_krw, TRUE)
        ) AS part (basis, measure, amount_krw, against_krw, is_comparable)
    WHERE part.is_comparable
),

found AS (
    SELECT
        compared.*,
        core.unit_factor(
            compared.amount_krw, compared.against_krw, bound.factors, bound.nearness
        ) AS factor
    FROM compared
    CROSS JOIN bound
    WHERE
        -- Nearly all amounts are closer than the least factor: they are not looked at further.
        compared.amount_krw > 0
        AND compared.against_krw > 0
        AND (
            compared.amount_krw >= compared.against_krw * bound.least_factor
            OR compared.against_krw >= compared.amount_krw * bound.least_factor
        )
    UNION ALL
    SELECT
        year.submission_id,
        year._table,
        year._row,
        year.pledge_id,
        year.plan_field AS field,
        'bound' AS basis,
        year.year_krw AS amount_krw,
        1 AS against_krw,
        NULL::numeric AS reference_krw,
        year.unit_krw AS factor
    FROM year
    INNER JOIN too_large USING (submission_id, pledge_id)
    WHERE year.year_krw >= too_large.from_krw AND year.year_krw > too_large.above_krw
),

sized AS (
    SELECT
        found.*,
        -- How many times too large the number was typed; below 1 where it is too small.
        CASE WHEN found.factor > 0 THEN found.factor ELSE -1 / found.factor END AS typed_factor
    FROM found
    WHERE found.factor IS NOT NULL
)

SELECT
    found.submission_id,
    found._table,
    found._row,
    found.pledge_id,
    found.field,
    found.basis,
    found.factor,
    CONCAT_WS('|', found.field, found.basis) AS row_key,
    core.shown_in_unit(found.amount_krw, sheet.money_unit) AS typed,
    core.shown_in_unit(found.reference_krw, sheet.money_unit) AS reference,
    core.shown_in_unit(found.amount_krw / found.typed_factor, sheet.money_unit) AS likely,
    FORMAT(
        '%s%s%s %s입니다.',
        core.shown_in_unit(found.amount_krw, sheet.money_unit),
        sheet.money_unit,
        core.particle(sheet.money_unit, '은', '는'),
        core.won_in_words(found.amount_krw)
    ) AS in_words,
    core.unit_named(core.unit_krw(sheet.money_unit) / found.typed_factor) AS likely_unit,
    ROW_NUMBER() OVER (
        PARTITION BY found.submission_id, found.pledge_id
        ORDER BY
            ARRAY_POSITION(
                ARRAY['accepted', 'previous', 'total', 'plan', 'secured', 'bound'], found.basis
            ) ASC,
            ABS(LN(found.amount_krw / found.against_krw)) DESC, found.amount_krw DESC,
            found._row ASC, found.field ASC
    ) AS basis_rank
FROM sized AS found
INNER JOIN audit.submission_table AS sheet
    ON found.submission_id = sheet.submission_id AND found._table = sheet.table_no
CROSS JOIN bound
WHERE
    -- A small share executed is nothing odd; far less may be a unit.
    found.basis <> 'secured' OR found.factor <= -bound.least_of_executed
