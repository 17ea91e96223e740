-- Makes the rows of places where nobody has worked yet.

INSERT INTO audit.turn (place)
SELECT UNNEST(CAST(:places AS text[]))
ON CONFLICT (place) DO NOTHING
