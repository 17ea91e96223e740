-- The ids that 변경후 of a 통합 or 분리 names.
CREATE FUNCTION core.named_ids(after_text text) RETURNS text[]
LANGUAGE sql IMMUTABLE
AS $$
SELECT regexp_split_to_array(
    btrim(COALESCE(after_text, ''), E' \t\r\n'), '\s*[,;、\r\n]\s*'
)
$$;
