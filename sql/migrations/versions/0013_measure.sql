-- The figures, filled from etl/measures.yml at every migration, as the code lists are.
CREATE TABLE core.measure (
    figure_code text PRIMARY KEY,
    figure_number integer NOT NULL,
    figure_name text NOT NULL,
    unit text NOT NULL,
    population text NOT NULL,
    factor integer,
    decimals text,
    numerator_sum text NOT NULL,
    numerator_words text NOT NULL,
    denominator_sum text,
    denominator_words text,
    empty_reason text,
    rule text NOT NULL,
    year_rule text,
    year_empty_reason text,
    scope_types text[] NOT NULL,
    is_headline boolean NOT NULL,
    counts_pledges boolean NOT NULL,
    looks_at_one_year boolean NOT NULL,
    is_of_all boolean NOT NULL,
    lists_every_code boolean NOT NULL
);
