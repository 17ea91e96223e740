-- Writes on each card of a batch which quarter and department it is of, since its document does not
-- say. Reads staging.pledge_card__header, the register in core, core.submission_window,
-- core.department_window.
-- Quarter: as asked, else a folder's name, else the open window, else its newest 【YY년 N분기】.
-- Department: who owns the first pledge, else the 추진부서 it names, else whose folder it lies in.

WITH card AS (
    SELECT
        submission.submission_id,
        submission.government_id,
        submission.asked_quarter_id,
        submission.received_at,
        submission.source_uri || '/' || submission.file_name AS place,
        ARRAY_AGG(header.pledge_id ORDER BY header._table)
        FILTER (WHERE header.pledge_id IS NOT NULL) AS pledge_ids,
        (ARRAY_AGG(header.department_name ORDER BY header._table))[1] AS department_name,
        (
            ARRAY_AGG(
                header.newest_quarter_id
                ORDER BY core.quarter_last_day(header.newest_quarter_id) DESC NULLS LAST
            )
        )[1] AS newest_quarter_id
    FROM audit.submission
    INNER JOIN staging.pledge_card__header AS header USING (submission_id)
    WHERE
        submission.batch_id = :batch_id
        AND submission.form_code = 'pledge_card'
        AND submission.state = 'read'
    GROUP BY submission.submission_id
),

dated AS (
    SELECT
        card.*,
        decided.quarter_id,
        decided.quarter_basis
    FROM card
    LEFT JOIN LATERAL (
        SELECT
            said.quarter_id,
            said.quarter_basis
        FROM (
            VALUES
            (1, 'option', card.asked_quarter_id),
            (
                2, 'folder',
                (
                    SELECT MAX(folder) FROM UNNEST(STRING_TO_ARRAY(card.place, '/')) AS folder
                    WHERE core.names_period(card.government_id, folder)
                )
            ),
            (
                3, 'window',
                (
                    SELECT (
                        ARRAY_AGG(
                            open_window.quarter_id
                            ORDER BY
                                core.quarter_last_day(open_window.quarter_id) DESC,
                                open_window.quarter_id DESC
                        )
                    )[1]
                    FROM core.submission_window AS open_window
                    WHERE
                        open_window.government_id = card.government_id
                        AND open_window.superseded_at = 'infinity'
                        AND (card.received_at AT TIME ZONE 'Asia/Seoul')::date
                        BETWEEN open_window.start_date AND GREATEST(
                            open_window.grace_date,
                            (
                                SELECT MAX(own.grace_date)
                                FROM core.department_window AS own
                                WHERE
                                    own.government_id = open_window.government_id
                                    AND own.quarter_id = open_window.quarter_id
                                    AND own.superseded_at = 'infinity'
                            )
                        )
                )
            ),
            (4, 'content', card.newest_quarter_id)
        ) AS said (rank_number, quarter_basis, quarter_id)
        WHERE said.quarter_id IS NOT NULL
        ORDER BY said.rank_number
        LIMIT 1
    ) AS decided ON TRUE
),

scoped AS (
    SELECT
        dated.*,
        COALESCE(
            submission_window.reference_date, core.quarter_last_day(dated.quarter_id)
        ) AS reference_date
    FROM dated
    LEFT JOIN core.submission_window
        ON
            dated.government_id = submission_window.government_id
            AND dated.quarter_id = submission_window.quarter_id
            AND submission_window.superseded_at = 'infinity'
)

UPDATE audit.submission AS file
SET
    term_number = term.term_number,
    quarter_id = scoped.quarter_id,
    quarter_basis = scoped.quarter_basis,
    card_pledge_ids = COALESCE(scoped.pledge_ids, '{}'),
    department_code = COALESCE(
        core.department_on(scoped.government_id, pledge.department_codes[1], scoped.reference_date),
        core.department_named(scoped.government_id, scoped.department_name, scoped.reference_date),
        core.department_on(
            scoped.government_id,
            core.department_of_folder(scoped.government_id, scoped.place, scoped.reference_date),
            scoped.reference_date
        )
    )
FROM scoped
LEFT JOIN core.dim_term AS term
    ON
        scoped.government_id = term.government_id
        AND term.superseded_at = 'infinity'
        AND scoped.reference_date BETWEEN term.start_date AND term.end_date
LEFT JOIN LATERAL core.pledges_on(
    term.government_id, term.term_number, scoped.reference_date
) AS pledge ON scoped.pledge_ids[1] = pledge.pledge_id
WHERE file.submission_id = scoped.submission_id
