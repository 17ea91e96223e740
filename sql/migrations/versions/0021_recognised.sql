-- A file of the inbox whose bytes were in force already when it was seen: it stays without a
-- receipt, also once others have come after those bytes.
CREATE TABLE audit.recognised_file (
    source_uri text NOT NULL,
    source_stamp text NOT NULL,
    sha256 text NOT NULL,
    recognised_at timestamptz NOT NULL,
    PRIMARY KEY (source_uri, source_stamp)
);
