-- A name as it is compared: without blanks and signs.
CREATE FUNCTION core.name_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT REGEXP_REPLACE(NORMALIZE(name, NFKC), '[\s·‧ㆍ・•∙⋅,.()\[\]]+', '', 'g')
$$;
