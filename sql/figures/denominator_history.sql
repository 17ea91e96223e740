-- Each row is: one pledge that came into the denominators or left them between the previous
--     quarter's 기준일 and this one's, or that a decision of that time holds, closes or keeps.
-- Reads: temp tables pledge_status, previous_status (the same of the previous quarter);
--     core.pledge_change as known at as_of.
-- Formula: count_before + entered - left = count_after; both are pledges that count by the rule of
--     the denominators. Both quarters are seen as known at as_of.
-- Basis: design §7, pledge in force.
-- When blank or zero: no row where nothing moved; a previous quarter without a term had none.
WITH decision AS (
    SELECT
        term_number,
        pledge_id,
        change_code,
        change_date,
        after_text,
        reason,
        approver,
        ARRAY_POSITION(
            ARRAY['COMPLETED', 'DROPPED', 'HELD', 'MERGED', 'SPLIT'], change_code
        ) AS place
    FROM core.pledge_change
    WHERE
        government_id = :government_id
        AND change_date <= CAST(:reference_date AS date)
        AND change_code <> 'CHANGED'
        AND recorded_at <= :as_of
        AND superseded_at > :as_of
),

both_sides AS (
    SELECT
        term_number,
        pledge_id,
        COALESCE(own.pledge_name, earlier.pledge_name) AS pledge_name,
        COALESCE(own.field_name, earlier.field_name) AS field_name,
        COALESCE(own._confirmed_date, earlier._confirmed_date) AS confirmed_date,
        earlier.pledge_id IS NOT NULL AS was_in_force,
        own.pledge_id IS NOT NULL AS is_in_force,
        COALESCE(earlier.is_counted, FALSE) AS was_counted,
        COALESCE(own.is_counted, FALSE) AS is_counted,
        earlier.decision_code IN ('HELD', 'DROPPED') AS was_set_aside,
        own.decision_code IN ('HELD', 'DROPPED') AS is_set_aside
    FROM pledge_status AS own
    FULL JOIN previous_status AS earlier USING (term_number, pledge_id)
),

counted AS (
    SELECT
        COUNT(*) FILTER (WHERE was_counted) AS count_before,
        COUNT(*) FILTER (WHERE is_counted) AS count_after
    FROM both_sides
),

moved AS (
    SELECT
        both_sides.*,
        CASE
            WHEN is_counted AND NOT was_counted THEN 'entered'
            WHEN was_counted AND NOT is_counted THEN 'left'
            WHEN NOT (is_in_force AND was_in_force) THEN NULL
            WHEN decided.change_code = 'HELD' THEN 'held'
            WHEN decided.change_code IN ('COMPLETED', 'DROPPED') THEN 'closed'
            WHEN decided.change_code IN ('MERGED', 'SPLIT') THEN 'kept'
        END AS change_kind,
        decided.change_code,
        decided.change_date,
        decided.after_text,
        decided.reason,
        decided.approver
    FROM both_sides
    LEFT JOIN LATERAL (
        SELECT *
        FROM decision
        WHERE
            decision.term_number = both_sides.term_number
            AND decision.pledge_id = both_sides.pledge_id
            AND decision.change_date > CAST(:previous_day AS date)
        ORDER BY
            NOT both_sides.is_in_force AND decision.change_code IN ('MERGED', 'SPLIT') DESC,
            decision.change_date DESC,
            decision.place ASC
        LIMIT 1
    ) AS decided ON TRUE
),

-- Which of these accounts for the row: its own decision, the pledge it was split from, or else.
accounted AS (
    SELECT
        moved.*,
        parent.pledge_id AS parent_id,
        parent.change_date AS parent_date,
        parent.reason AS parent_reason,
        parent.approver AS parent_approver,
        CASE
            WHEN moved.change_kind NOT IN ('entered', 'left') THEN moved.change_code
            WHEN moved.change_kind = 'entered' AND moved.was_in_force
                THEN CASE WHEN moved.was_set_aside THEN moved.change_code END
            WHEN moved.change_kind = 'entered' AND parent.pledge_id IS NOT NULL THEN 'SPLIT'
            WHEN moved.change_kind = 'entered' AND moved.confirmed_date > :previous_day
                THEN 'CONFIRMED'
            WHEN moved.change_kind = 'left' AND moved.is_in_force
                THEN CASE WHEN moved.is_set_aside THEN moved.change_code END
            WHEN moved.term_number <> CAST(:term_number AS integer) THEN 'TERM_ENDED'
            WHEN moved.change_code IN ('MERGED', 'SPLIT') THEN moved.change_code
        END AS accounted_code
    FROM moved
    LEFT JOIN LATERAL (
        SELECT *
        FROM decision
        WHERE
            moved.change_kind = 'entered'
            AND NOT moved.was_in_force
            AND decision.change_code = 'SPLIT'
            AND decision.term_number = moved.term_number
            AND decision.pledge_id <> moved.pledge_id
            AND moved.pledge_id = ANY(core.named_ids(decision.after_text))
        ORDER BY decision.change_date DESC, decision.pledge_id ASC
        LIMIT 1
    ) AS parent ON TRUE
    WHERE moved.change_kind IS NOT NULL
),

coded AS (
    SELECT
        accounted.*,
        COALESCE(
            accounted.accounted_code,
            CASE
                WHEN accounted.was_in_force AND accounted.is_in_force THEN 'REPORTED'
                ELSE 'CORRECTED'
            END
        ) AS reason_code,
        accounted.accounted_code = accounted.change_code
        AND (accounted.change_kind <> 'entered' OR accounted.was_in_force) AS is_own_decision
    FROM accounted
)

SELECT
    CAST(:quarter_id AS text) AS quarter_id,
    CAST(:government_id AS text) AS government_id,
    coded.term_number,
    coded.pledge_id,
    coded.pledge_name,
    CAST(:previous_quarter_id AS text) AS previous_quarter_id,
    coded.change_kind,
    coded.reason_code,
    COALESCE(known.name, coded.reason_code) AS reason_name,
    CASE
        WHEN coded.is_own_decision THEN coded.change_date
        WHEN coded.reason_code = 'SPLIT' THEN coded.parent_date
        WHEN coded.reason_code = 'CONFIRMED' THEN coded.confirmed_date
    END AS decided_on,
    CASE
        WHEN coded.is_own_decision AND coded.change_code IN ('MERGED', 'SPLIT')
            THEN coded.after_text
        WHEN coded.reason_code = 'SPLIT' THEN coded.parent_id
    END AS related_pledge_ids,
    CASE
        WHEN coded.is_own_decision THEN coded.reason
        WHEN coded.reason_code = 'SPLIT' THEN coded.parent_reason
    END AS reason,
    CASE
        WHEN coded.is_own_decision THEN coded.approver
        WHEN coded.reason_code = 'SPLIT' THEN coded.parent_approver
    END AS approver,
    CAST(counted.count_before AS integer) AS count_before,
    CAST(counted.count_after AS integer) AS count_after,
    coded.field_name
FROM coded
CROSS JOIN counted
LEFT JOIN core.code_value AS known
    ON known.list_code IN ('change_kind', 'denominator_reason') AND coded.reason_code = known.code
