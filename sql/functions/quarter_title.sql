-- A period as people read it: 2021년 4분기, 2021년 상반기, 2021년 11월, 2021년 12월 6일.
CREATE FUNCTION core.quarter_title(quarter_id text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT left(quarter_id, 4) || '년 ' || CASE core.quarter_months(quarter_id)
    WHEN 3 THEN right(quarter_id, 1) || '분기'
    WHEN 6 THEN CASE right(quarter_id, 1) WHEN '1' THEN '상반기' ELSE '하반기' END
    WHEN 1 THEN substr(quarter_id, 6, 2)::integer || '월'
    ELSE substr(quarter_id, 6, 2)::integer || '월 ' || substr(quarter_id, 9, 2)::integer || '일'
END
$$;
