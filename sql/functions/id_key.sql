-- An id as people mean it: whatever dash was typed, no blanks.
CREATE FUNCTION core.id_key(id text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT UPPER(REGEXP_REPLACE(
    REGEXP_REPLACE(NORMALIZE(id, NFKC), '[\s\u00ad\u200b-\u200f\u2060\ufeff]+', '', 'g'),
    '[‐‑‒–—―−─ㅡ﹘﹣－ー~]', '-', 'g'
))
$$;
