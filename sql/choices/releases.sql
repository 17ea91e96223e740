-- Each row is one of the 200 releases published last that stand, newest first.
-- Reads mart.release, core.dim_government.

SELECT
    FORMAT('%s %s %s', release.government_id, release.quarter_id, release.revision) AS value,
    FORMAT(
        '%s %s %s차 · %s 발표',
        COALESCE(government.government_name, release.government_id),
        release.quarter_id,
        release.revision,
        CAST(release.decided_at AT TIME ZONE 'Asia/Seoul' AS date)
    ) AS label
FROM mart.release AS release
LEFT JOIN core.dim_government AS government
    ON
        release.government_id = government.government_id
        AND government.superseded_at = 'infinity'
WHERE release.retracted_at IS NULL
ORDER BY
    release.decided_at DESC, release.government_id ASC, release.quarter_id ASC,
    release.revision DESC
LIMIT 200
