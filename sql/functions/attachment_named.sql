-- The key of a picture that a return names: it lies beside the return.
CREATE FUNCTION core.attachment_named(source_uri text, return_name text, said text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT core.attachment_key(
    source_uri, REGEXP_REPLACE(return_name, '[^/]*$', '') || BTRIM(said)
)
$$;
