-- Each row is one term's 단체장 as a register names them; a newer register's name takes the place.
-- Reads restricted.register__term_head. A term without a name keeps the one it had.

INSERT INTO restricted.term_head (government_id, term_number, head_name)
SELECT DISTINCT ON (head.term_number)
    CAST(:government_id AS text),
    head.term_number,
    head.head_name
FROM restricted.register__term_head AS head
WHERE
    head.submission_id = :submission_id
    AND head.term_number IS NOT NULL
    AND head.head_name IS NOT NULL
ON CONFLICT (government_id, term_number) DO UPDATE SET head_name = excluded.head_name
