-- Locks the rows of places until the transaction ends, in their order; waits for who holds them.

SELECT turn.place
FROM audit.turn
WHERE turn.place = ANY(CAST(:places AS text[]))
ORDER BY turn.place
FOR UPDATE
