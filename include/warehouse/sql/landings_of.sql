-- The landings of some days, each with the files of which another landing of these holds what counts: it replaced them, or holds the
-- same once more.
WITH told AS (
    SELECT
        delivery.manifest_id, delivery.file, delivery.delivered_on,
        CAST(:files AS boolean) AND row_number() OVER (
            PARTITION BY delivery.file, delivery.delivered_on ORDER BY delivery.copy DESC, delivery.recorded_at DESC, delivery.delivery_id
        ) > 1 AS replaced
    FROM ops.delivery
    WHERE
        delivery.source = :source AND delivery.stream = :stream AND delivery.status = 'accepted'
        AND delivery.delivered_on BETWEEN :first AND :last
        AND EXISTS (SELECT FROM ops.staged_manifest WHERE staged_manifest.manifest_id = delivery.manifest_id)
        AND NOT EXISTS (SELECT FROM ops.manifest AS rewritten WHERE rewritten.supersedes = delivery.manifest_id)
)

SELECT
    manifest.manifest_id, manifest.uri,
    coalesce(
        jsonb_agg(jsonb_build_array(told.file, told.delivered_on)) FILTER (WHERE told.replaced), '[]'
    ) AS replaced
FROM told
JOIN ops.manifest ON manifest.manifest_id = told.manifest_id
GROUP BY manifest.manifest_id
HAVING NOT bool_and(told.replaced)
ORDER BY manifest.window_start, manifest.recorded_at, manifest.manifest_id
