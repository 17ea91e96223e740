-- Writes the files of the inbox that were recognised: nothing is to do for them, now or later.

INSERT INTO audit.recognised_file (source_uri, source_stamp, sha256, recognised_at)
SELECT
    recognised.source_uri,
    recognised.source_stamp,
    recognised.sha256,
    :at
FROM
    UNNEST(
        CAST(:source_uris AS text[]),
        CAST(:source_stamps AS text[]),
        CAST(:hashes AS text[])
    ) AS recognised (source_uri, source_stamp, sha256)
ON CONFLICT (source_uri, source_stamp) DO NOTHING
