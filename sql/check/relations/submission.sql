-- Each row is one readable file of the batch that is news, with what the register says of it.
-- Reads audit.submission, the register in core, core.submission_window, core.department_window.
-- grace_date is the department's own, else everyone's; last_grace_date the last that anyone has.
-- An unknown government, term or department leaves its columns null.
-- other_quarter_told is what speaks for another quarter than the form's own (its folder, its name,
-- a window that is open), in words; '' where nothing does.
-- folder_department_name is the department in whose folder it lies where that is another one than
-- the file's own; null where none is.
-- given_form: of a register, or its sheet 공표값 alone, that was given by its own command or tried.
-- known_at: rules compare with the reports in force then. For a file that came it is the present
-- (infinity), for one that is replayed the moment its batch was opened. known_until: the last
-- moment before it.

SELECT
    submission.submission_id,
    NULL::integer AS _table,
    NULL::integer AS _row,
    NULL::text AS pledge_id,
    ''::text AS row_key,
    NULL::text AS field,
    batch.purpose,
    batch.purpose IN ('register', 'published')
    OR (
        batch.purpose <> 'collect'
        AND COALESCE(submission.form_code IN ('register', 'published'), FALSE)
    ) AS is_given_register,
    CASE
        WHEN 'published' IN (batch.purpose, submission.form_code) THEN 'published' ELSE 'register'
    END AS given_form,
    submission.form_code,
    submission.form_edition,
    submission.government_id,
    submission.term_number,
    submission.quarter_id,
    submission.department_code,
    submission.register_version,
    submission.received_at,
    submission.asked_quarter_id,
    COALESCE(replayed_batch.started_at, 'infinity') AS known_at,
    LEAST(replayed_batch.started_at, '9999-12-31') - interval '1 microsecond' AS known_until,
    government.government_name,
    government.government_class,
    term.start_date AS term_start_date,
    term.end_date AS term_end_date,
    core.department_name(submission.government_id, submission.department_code)
        AS department_name,
    submission_window.start_date AS window_start_date,
    COALESCE(department_window.grace_date, submission_window.grace_date) AS grace_date,
    GREATEST(submission_window.grace_date, last_window.grace_date) AS last_grace_date,
    (submission.received_at AT TIME ZONE 'Asia/Seoul')::date AS received_date,
    SUBSTR(submission.quarter_id, 1, 4)::integer AS reporting_year,
    CONCAT_WS(
        ', ',
        CASE
            WHEN named.folder <> submission.quarter_id
                THEN FORMAT('%s 폴더에 들어 있고', named.folder)
        END,
        CASE WHEN NOT named.is_own THEN '파일 이름은 다른 분기나 기간을 말하고' END,
        CASE
            WHEN other_window.quarter_id IS NOT NULL
                THEN FORMAT('지금은 %s 제출 기간이고', other_window.quarter_id)
        END
    ) AS other_quarter_told,
    core.department_name(submission.government_id, placed.department_code)
        AS folder_department_name,
    COALESCE(
        submission_window.reference_date, core.quarter_last_day(submission.quarter_id)
    ) AS reference_date,
    COALESCE(
        submission_window.voted_year,
        EXTRACT(YEAR FROM core.quarter_last_day(submission.quarter_id) + 1)::integer
    ) AS voted_year
FROM audit.submission
INNER JOIN audit.batch ON submission.batch_id = batch.batch_id
LEFT JOIN audit.submission AS replayed
    ON submission.replays_submission_id = replayed.submission_id
LEFT JOIN audit.batch AS replayed_batch ON replayed.batch_id = replayed_batch.batch_id
LEFT JOIN core.dim_government AS government
    ON
        submission.government_id = government.government_id
        AND government.superseded_at = 'infinity'
LEFT JOIN core.dim_term AS term
    ON
        submission.government_id = term.government_id
        AND submission.term_number = term.term_number
        AND term.superseded_at = 'infinity'
LEFT JOIN core.submission_window
    ON
        submission.government_id = submission_window.government_id
        AND submission.quarter_id = submission_window.quarter_id
        AND submission_window.superseded_at = 'infinity'
LEFT JOIN LATERAL (
    SELECT
        MAX(said.quarter) FILTER (WHERE said.is_folder) AS folder,
        BOOL_OR(submission.quarter_id LIKE said.quarter) FILTER (WHERE NOT said.is_folder) AS is_own
    FROM (
        SELECT
            folder AS quarter,
            TRUE AS is_folder
        FROM
            UNNEST(
                STRING_TO_ARRAY(submission.source_uri || '/' || submission.file_name, '/')
            ) AS folder
        WHERE core.names_period(submission.government_id, folder)
        UNION ALL
        SELECT
            named_period AS quarter,
            FALSE AS is_folder
        FROM core.periods_named(submission.file_name) AS named_period
        -- A month or a day in a name is when it was written, but for one that the calendar names.
        WHERE
            named_period LIKE '____Q_'
            OR submission.quarter_id LIKE named_period
            OR EXISTS (
                SELECT 1
                FROM core.submission_window AS known
                WHERE
                    known.government_id = submission.government_id
                    AND known.superseded_at = 'infinity'
                    AND known.quarter_id LIKE named_period
            )
    ) AS said
) AS named ON submission.form_code = 'quarterly_return'
LEFT JOIN LATERAL (
    SELECT MAX(open_window.quarter_id) AS quarter_id
    FROM core.submission_window AS open_window
    WHERE
        open_window.government_id = submission.government_id
        AND open_window.superseded_at = 'infinity'
        AND open_window.quarter_id <> submission.quarter_id
        AND (submission.received_at AT TIME ZONE 'Asia/Seoul')::date
        BETWEEN open_window.start_date AND open_window.grace_date
) AS other_window ON submission.form_code = 'quarterly_return'
LEFT JOIN LATERAL (
    SELECT folder.department_code
    FROM
        core.department_of_folder(
            submission.government_id,
            submission.source_uri || '/' || submission.file_name,
            core.quarter_last_day(submission.quarter_id)
        ) AS folder (department_code)
    WHERE
        submission.department_code
        <> core.department_on(
            submission.government_id,
            folder.department_code,
            core.quarter_last_day(submission.quarter_id)
        )
        AND submission.department_code <> folder.department_code
) AS placed ON submission.form_code <> 'register'
LEFT JOIN core.department_window
    ON
        submission.government_id = department_window.government_id
        AND submission.quarter_id = department_window.quarter_id
        AND submission.department_code = department_window.department_code
        AND department_window.superseded_at = 'infinity'
LEFT JOIN LATERAL (
    SELECT MAX(any_window.grace_date) AS grace_date
    FROM core.department_window AS any_window
    WHERE
        any_window.government_id = submission.government_id
        AND any_window.quarter_id = submission.quarter_id
        AND any_window.superseded_at = 'infinity'
) AS last_window ON TRUE
WHERE
    submission.batch_id = CURRENT_SETTING('gongyak.batch_id')::bigint
    AND submission.state NOT IN ('repeated', 'set_aside')
    AND (
        CURRENT_SETTING('gongyak.submission_ids') = 'all'
        OR submission.submission_id::text
        = ANY(STRING_TO_ARRAY(CURRENT_SETTING('gongyak.submission_ids'), ','))
    )
