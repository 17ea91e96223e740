CREATE VIEW mart.data_dictionary AS
SELECT
    mart.relname::text AS table_name,
    OBJ_DESCRIPTION(mart.oid, 'pg_class') AS table_comment,
    attribute.attnum::integer AS column_number,
    attribute.attname::text AS column_name,
    FORMAT_TYPE(attribute.atttypid, attribute.atttypmod) AS data_type,
    COALESCE(key.indkey::smallint[] @> ARRAY[attribute.attnum], FALSE) AS is_key,
    COL_DESCRIPTION(mart.oid, attribute.attnum) AS column_comment
FROM pg_class AS mart
INNER JOIN pg_namespace AS schema ON mart.relnamespace = schema.oid
INNER JOIN pg_attribute AS attribute ON mart.oid = attribute.attrelid
LEFT JOIN pg_index AS key ON mart.oid = key.indrelid AND key.indisprimary
WHERE
    schema.nspname = 'mart'
    AND mart.relkind IN ('r', 'v')
    AND attribute.attnum > 0
    AND NOT attribute.attisdropped;
