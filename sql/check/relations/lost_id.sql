-- Each row is one line whose 공약번호 the reader could not take as it stood.
-- Reads checked__problem.

SELECT DISTINCT
    submission_id,
    _table,
    _row
FROM checked__problem
WHERE field = 'pledge_id' AND _row IS NOT NULL
