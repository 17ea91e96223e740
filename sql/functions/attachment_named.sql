-- The key of a picture that a return names: it lies beside the return. Its body is bound when it is
-- made, for who reads a mart may not look into core.
CREATE FUNCTION core.attachment_named(source_uri text, return_name text, said text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN core.attachment_key(
    source_uri, REGEXP_REPLACE(return_name, '[^/]*$', '') || BTRIM(said)
);
