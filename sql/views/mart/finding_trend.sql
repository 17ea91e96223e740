-- A view: it is right after every file, refused ones too, without anyone refreshing it.
CREATE VIEW mart.finding_trend AS
SELECT
    submission.quarter_id,
    submission.government_id,
    COALESCE(submission.department_code, '') AS department_code,
    COALESCE(department.department_name, '') AS department_name,
    finding.rule_id,
    finding.level,
    COUNT(*)::integer AS finding_count,
    COUNT(*) FILTER (WHERE finding.acknowledged_reason IS NOT NULL)::integer
        AS acknowledged_count,
    COUNT(*) FILTER (WHERE finding.waiver_id IS NOT NULL)::integer AS waived_count,
    COUNT(*) FILTER (
        WHERE finding.level <> 'inform'
        AND finding.acknowledged_reason IS NULL
        AND finding.waiver_id IS NULL
    )::integer AS open_count,
    COUNT(DISTINCT finding.submission_id)::integer AS file_count,
    (
        SELECT known.government_name
        FROM core.dim_government AS known
        WHERE known.government_id = submission.government_id
        ORDER BY known.recorded_at DESC
        LIMIT 1
    ) AS government_name
FROM audit.finding
INNER JOIN audit.submission ON finding.submission_id = submission.submission_id
INNER JOIN audit.batch ON submission.batch_id = batch.batch_id
LEFT JOIN LATERAL (
    -- Not core.department_name: a function in a view would ask for the reader's own rights.
    SELECT known.department_name
    FROM core.dim_department AS known
    WHERE
        known.government_id = submission.government_id
        AND known.department_code = submission.department_code
        AND known.superseded_at = 'infinity'
    ORDER BY known.valid_from DESC
    LIMIT 1
) AS department ON TRUE
WHERE
    batch.purpose = 'collect'
    AND submission.quarter_id IS NOT NULL
    AND submission.government_id IS NOT NULL
    AND NOT finding.is_shadow
    AND finding.superseded_at = 'infinity'
GROUP BY
    submission.quarter_id, submission.government_id, submission.department_code,
    department.department_name, finding.rule_id, finding.level;
