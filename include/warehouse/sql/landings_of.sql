SELECT manifest.manifest_id, manifest.uri
FROM ops.manifest
WHERE
    manifest.source = :source AND manifest.stream = :stream
    AND EXISTS (SELECT FROM ops.staged_manifest WHERE staged_manifest.manifest_id = manifest.manifest_id)
    AND EXISTS (
        SELECT FROM ops.delivery
        WHERE
            delivery.manifest_id = manifest.manifest_id AND delivery.status = 'accepted'
            AND delivery.delivered_on BETWEEN :first AND :last
    )
    AND NOT EXISTS (SELECT FROM ops.manifest AS rewritten WHERE rewritten.supersedes = manifest.manifest_id)
ORDER BY manifest.window_start, manifest.recorded_at, manifest.manifest_id
