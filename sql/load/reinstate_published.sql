-- Brings back into force the printed values that one withdrawn file had replaced or ended, as new
-- versions: where nothing was said of their source since, and never those of a withdrawn file.
-- Reads audit.submission; writes core.published_figure.

WITH loading AS (
    SELECT
        submission.government_id,
        COALESCE(
            (
                SELECT MIN(brought.recorded_at)
                FROM core.published_figure AS brought
                WHERE brought._submission_id = submission.submission_id
            ),
            submission.loaded_at
        ) AS moment
    FROM audit.submission
    WHERE submission.submission_id = :submission_id
)

INSERT INTO core.published_figure (
    government_id, quarter_id, figure_code, scope_type, scope_label, printed_in, published_value,
    decimal_places, reason, recorded_at, _submission_id, _row
)
SELECT
    ended.government_id,
    ended.quarter_id,
    ended.figure_code,
    ended.scope_type,
    ended.scope_label,
    ended.printed_in,
    ended.published_value,
    ended.decimal_places,
    ended.reason,
    :at,
    ended._submission_id,
    ended._row
FROM loading
INNER JOIN core.published_figure AS ended
    ON loading.government_id = ended.government_id AND loading.moment = ended.superseded_at
INNER JOIN audit.submission AS origin ON ended._submission_id = origin.submission_id
WHERE
    origin.state <> 'withdrawn'
    AND origin.form_code = 'published'
    AND NOT EXISTS (
        SELECT 1
        FROM core.published_figure AS later
        INNER JOIN audit.submission AS saying ON later._submission_id = saying.submission_id
        WHERE
            saying.state <> 'withdrawn'
            AND saying.form_code = 'published'
            AND later.government_id = ended.government_id
            AND later.quarter_id = ended.quarter_id
            AND later.printed_in = ended.printed_in
            AND later.recorded_at > loading.moment
    )
RETURNING quarter_id, figure_code, scope_label, printed_in
