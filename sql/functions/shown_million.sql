-- Won as 백만원 the way people write it: thousands separated, no idle zeros.
CREATE FUNCTION core.shown_million(amount_krw numeric) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT rtrim(to_char(amount_krw / 1000000, 'FM999,999,999,999,990.999999'), '.')
$$;
