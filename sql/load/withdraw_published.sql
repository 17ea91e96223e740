-- Takes the printed values that one file brought out of force, but for those that a later file of
-- the same source said again. Returns them.
-- Reads audit.submission, staging.register__published; writes core.published_figure.

UPDATE core.published_figure AS known
SET superseded_at = :at
WHERE
    known._submission_id = :submission_id
    AND known.superseded_at = 'infinity'
    AND NOT EXISTS (
        SELECT 1
        FROM audit.submission AS own
        INNER JOIN audit.submission AS later
            ON
                own.government_id = later.government_id
                AND own.received_at < later.received_at
        INNER JOIN staging.register__published AS line ON later.submission_id = line.submission_id
        WHERE
            own.submission_id = :submission_id
            AND later.form_code = 'published'
            AND later.state = 'loaded'
            AND line.quarter_id = known.quarter_id
            AND UPPER(line.figure_code) = known.figure_code
            AND line.printed_in = known.printed_in
    )
RETURNING known.quarter_id, known.figure_code, known.scope_label, known.printed_in
