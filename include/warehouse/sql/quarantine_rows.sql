SELECT
    quarantine_id::text, source, stream, stage, state, reasons, record_id::text, manifest_id::text, file, position, run_id, set_aside_at,
    since, "row"
FROM staging.quarantine_now
WHERE
    state = ANY(:states)
    AND (CAST(:source AS text) IS NULL OR source = :source)
    AND (CAST(:stream AS text) IS NULL OR stream = :stream)
    AND (CAST(:stage AS text) IS NULL OR stage = :stage)
    AND (CAST(:reason AS text) IS NULL OR :reason = ANY(reasons))
    AND (CAST(:ids AS uuid []) IS NULL OR quarantine_id = ANY(CAST(:ids AS uuid [])))
ORDER BY set_aside_at, source, stream, file, position, quarantine_id
LIMIT :limit
