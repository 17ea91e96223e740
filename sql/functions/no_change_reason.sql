-- Why two rates cannot be compared; null where they can. The base is the earlier one.
CREATE FUNCTION core.no_change_reason(
    own_value numeric, own_reason text, own_reports integer, own_term integer,
    base_value numeric, base_reason text, base_reports integer, base_term integer
)
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE
    WHEN own_value IS NULL THEN own_reason
    WHEN own_reports = 0 THEN '효력 있는 보고가 없습니다'
    WHEN base_term IS NULL THEN '견줄 분기의 지표가 없습니다'
    WHEN base_term <> own_term THEN '견줄 분기는 다른 임기입니다'
    WHEN base_reports IS NULL THEN '견줄 분기에는 이 범위가 없습니다'
    WHEN base_reports = 0 THEN '견줄 분기에 효력 있는 보고가 없습니다'
    WHEN base_value IS NULL THEN '견줄 분기에 값이 없습니다: ' || base_reason
END
$$;
