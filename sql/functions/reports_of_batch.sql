-- Each row is one report that a batch wrote. One SELECT: PostgreSQL works it out within the query
-- that asks.
CREATE FUNCTION core.reports_of_batch(asked_batch bigint) RETURNS SETOF core.pledge_report
LANGUAGE sql STABLE
AS $$
SELECT report.*
FROM core.pledge_report AS report
INNER JOIN audit.submission ON report.submission_id = submission.submission_id
WHERE submission.batch_id = asked_batch
$$;
