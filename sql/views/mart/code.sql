CREATE VIEW mart.code AS
SELECT
    list_code,
    code,
    name
FROM core.code_value;
