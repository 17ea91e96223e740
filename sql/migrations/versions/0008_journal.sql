-- The journal in step with the warehouse: what happened is noted by the transaction that does it,
-- and written into the archive after the commit, however long after.

CREATE TABLE audit.event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_name text NOT NULL UNIQUE,
    untold_text text
);
CREATE INDEX event_untold ON audit.event (event_id) WHERE untold_text IS NOT NULL;
