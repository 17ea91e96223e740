CREATE VIEW mart.measure AS
SELECT
    figure_code,
    figure_name,
    unit,
    numerator_words,
    denominator_words,
    scope_types,
    is_headline,
    figure_number AS sort_number
FROM core.measure;
