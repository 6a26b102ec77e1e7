SELECT source, stream, stage, state, reasons, count(*) AS rows, min(set_aside_at) AS oldest, min(file) AS first_file
FROM staging.quarantine_now
WHERE
    state = ANY(:states)
    AND (CAST(:source AS text) IS NULL OR source = :source)
    AND (CAST(:stream AS text) IS NULL OR stream = :stream)
    AND (CAST(:stage AS text) IS NULL OR stage = :stage)
    AND (CAST(:reason AS text) IS NULL OR :reason = ANY(reasons))
    AND (CAST(:ids AS uuid []) IS NULL OR quarantine_id = ANY(CAST(:ids AS uuid [])))
GROUP BY source, stream, stage, state, reasons
ORDER BY source, stream, rows DESC, stage, state, reasons
