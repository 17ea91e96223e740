-- What happened, in its order: each row is written by the transaction that does it.
CREATE TABLE audit.event (
    event_number bigint PRIMARY KEY,
    event_kind text NOT NULL,
    at timestamptz NOT NULL,
    lines jsonb NOT NULL,
    is_in_archive boolean NOT NULL DEFAULT FALSE
);
CREATE INDEX event_not_in_archive ON audit.event (event_number) WHERE NOT is_in_archive;

-- One row, which who notes an event locks until its commit: numbers have no gaps, and their order
-- is that of the commits. The moments of two events are never the same, nor the other way round,
-- whatever a clock says.
CREATE TABLE audit.event_counter (
    last_number bigint NOT NULL,
    last_moment timestamptz NOT NULL
);
INSERT INTO audit.event_counter VALUES (0, CLOCK_TIMESTAMP());

-- A batch is counted once the marts that it touches are written; those of before were.
ALTER TABLE audit.batch ADD COLUMN counted_at timestamptz;
UPDATE audit.batch SET counted_at = started_at;
