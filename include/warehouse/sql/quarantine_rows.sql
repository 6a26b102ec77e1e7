SELECT
    quarantine_id::text, source, stream, stage, state, reasons, record_id::text, manifest_id::text, file, position, run_id, set_aside_at,
    since, "row"
FROM staging.quarantine_now
WHERE
    $which
ORDER BY set_aside_at, source, stream, file, position, quarantine_id
LIMIT :limit
