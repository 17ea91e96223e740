-- Where a value stands. A sheet's place is a column letter; a document's is a whole locator, or one
-- with a {row} to fill in. A line that does not follow its field's place has one of its own.
-- One expression: PostgreSQL then works it out within the query that asks, instead of calling a
-- function for every value.
CREATE FUNCTION core.cell_locator(
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
