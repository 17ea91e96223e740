-- A stored value as people read it, by its kind: money is won, a rate is percent.
CREATE FUNCTION core.shown_value(kind text, stored text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE kind
    WHEN 'money' THEN core.shown_million(stored::numeric) || '백만원'
    WHEN 'rate' THEN stored || '%'
    ELSE stored
END
$$;
