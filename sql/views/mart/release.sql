-- Who decided or took back, and why a release was approved, stays in audit. The reason of a
-- retraction is published. What replaced nothing any more is not current again by itself: of a
-- quarter whose newest revision was taken back, none is.
CREATE VIEW mart.release AS
SELECT
    release.government_id,
    release.quarter_id,
    release.revision,
    release.decided_at,
    release.as_of,
    release.is_demo,
    release.supersedes,
    retraction.revision IS NULL AND release.revision = MAX(release.revision) OVER (
        PARTITION BY release.government_id, release.quarter_id
    ) AS is_current,
    retraction.retracted_at,
    retraction.reason AS retraction_reason,
    (
        SELECT known.government_name
        FROM core.dim_government AS known
        WHERE known.government_id = release.government_id
        ORDER BY known.recorded_at DESC
        LIMIT 1
    ) AS government_name
FROM audit.release
LEFT JOIN audit.retraction USING (government_id, quarter_id, revision)
WHERE release.decision = 'approved';
