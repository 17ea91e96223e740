-- Each row is: one file or register whose printed values of the quarter are known at as_of.
-- Reads: core.published_figure, audit.submission.
-- Formula: the values that stand, by the file that brought them.
-- Basis: design §6, withdraw.
-- When blank or zero: no row where nothing was printed.
SELECT
    submission.submission_id,
    submission.file_name,
    submission.form_code = 'published' AS may_be_withdrawn,
    COUNT(*) AS value_count,
    STRING_AGG(DISTINCT figure.printed_in, ', ') AS printed_in
FROM core.published_figure AS figure
INNER JOIN audit.submission ON figure._submission_id = submission.submission_id
WHERE
    figure.government_id = :government_id
    AND figure.quarter_id = :quarter_id
    AND figure.recorded_at <= :as_of
    AND figure.superseded_at > :as_of
GROUP BY submission.submission_id
ORDER BY submission.submission_id
