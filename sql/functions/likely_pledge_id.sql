-- The registered pledge that an unknown id of a file most likely means, if there is just one.
CREATE FUNCTION core.likely_pledge_id(submission_number bigint, id text) RETURNS text
LANGUAGE sql STABLE
AS $$
SELECT CASE WHEN COUNT(DISTINCT pledge.pledge_id) = 1 THEN MIN(pledge.pledge_id) END
FROM audit.submission AS file
INNER JOIN core.dim_pledge AS pledge
    ON
        file.government_id = pledge.government_id
        AND file.term_number = pledge.term_number
        AND pledge.superseded_at = 'infinity'
WHERE
    file.submission_id = submission_number
    AND pledge.pledge_id <> id
    AND core.id_key(pledge.pledge_id) = core.id_key(id)
$$;
