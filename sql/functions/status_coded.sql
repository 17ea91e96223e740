-- The code of a status as a government writes it: by a word of its own, else by the common list;
-- null where neither has it. Its words are those known at a moment, the known_at of the file.
-- Reads core.status_word, core.code_label.
CREATE FUNCTION core.status_coded(
    asked_government text, asked_key text, known_at timestamptz DEFAULT 'infinity'
)
RETURNS text
LANGUAGE sql STABLE
AS $$
SELECT COALESCE(
    (
        SELECT own.status_code
        FROM core.status_word AS own
        WHERE own.government_id = asked_government
            AND own.word_key = asked_key
            AND own.recorded_at < known_at
            AND own.superseded_at >= known_at
    ),
    (
        SELECT label.code
        FROM core.code_label AS label
        WHERE label.list_code = 'status'
            AND label.label_key = asked_key
    )
)
$$;
