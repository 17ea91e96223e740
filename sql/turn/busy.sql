-- Each row is one of :places where somebody works now; the others are locked until the transaction
-- ends. A place without a row was never worked at in turns.

WITH free AS (
    SELECT turn.place
    FROM audit.turn
    WHERE turn.place = ANY(CAST(:places AS text[]))
    FOR UPDATE SKIP LOCKED
)

SELECT turn.place
FROM audit.turn
LEFT JOIN free USING (place)
WHERE turn.place = ANY(CAST(:places AS text[])) AND free.place IS NULL
