-- What a status may be written as, for people: the names of the common list, and the words of a
-- government's own known at a moment.
-- Reads core.code_value, core.code_label, core.status_word.
CREATE FUNCTION core.status_choices(asked_government text, known_at timestamptz DEFAULT 'infinity')
RETURNS text
LANGUAGE sql STABLE
AS $$
SELECT CONCAT_WS(
    ', ',
    (
        SELECT STRING_AGG(value.name, ', ' ORDER BY value.sort_number)
        FROM core.code_value AS value
        INNER JOIN core.code_label AS label USING (list_code)
        WHERE value.list_code = 'status'
            AND label.label_key = core.name_key(value.name)
    ),
    (
        SELECT STRING_AGG(own.word, ', ' ORDER BY own.word)
        FROM core.status_word AS own
        WHERE own.government_id = asked_government
            AND own.recorded_at < known_at
            AND own.superseded_at >= known_at
    )
)
$$;
