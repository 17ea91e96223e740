-- Where a value stands, as before, in one expression: PostgreSQL then works it out within the query
-- that asks, instead of calling a function for every value.
CREATE OR REPLACE FUNCTION core.cell_locator(
    columns jsonb, letter text, field text, row_number integer
)
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT replace(
    regexp_replace(
        COALESCE(letter, columns ->> (field || '@' || row_number::text), columns ->> field),
        '^[A-Z]+$',
        '\&{row}'
    ),
    '{row}',
    row_number::text
)
$$;
