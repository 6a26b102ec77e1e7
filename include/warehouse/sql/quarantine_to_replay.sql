-- Rows of a landing whose own run has not staged it yet are that run's business.
SELECT
    quarantine_now.source, quarantine_now.stream, quarantine_now.manifest_id::text, quarantine_now.file, quarantine_now.position,
    manifest.kind, manifest.window_start, manifest.window_end, manifest.uri
FROM staging.quarantine_now
JOIN ops.manifest USING (manifest_id)
WHERE
    $which
    AND EXISTS (SELECT FROM ops.staged_manifest WHERE staged_manifest.manifest_id = quarantine_now.manifest_id)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
ORDER BY 1, 2, 7, 3, 4, 5
