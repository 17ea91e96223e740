-- What a picture is known by: the folder it came in, or the bundle, and its name, whichever way its
-- Hangul is written and in whatever case. It is compared, never opened.
CREATE FUNCTION core.attachment_key(source_uri text, file_name text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT LOWER(NORMALIZE(
    REGEXP_REPLACE(source_uri, '[^/]*$', '') || REPLACE(BTRIM(file_name), '\', '/'), NFC
))
$$;
