INSERT INTO staging.quarantine_event (quarantine_id, state, actor, why)
SELECT quarantine_id, :state, :actor, :why
FROM staging.quarantine_now
WHERE
    state = ANY(:states)
    AND (CAST(:source AS text) IS NULL OR source = :source)
    AND (CAST(:stream AS text) IS NULL OR stream = :stream)
    AND (CAST(:stage AS text) IS NULL OR stage = :stage)
    AND (CAST(:reason AS text) IS NULL OR :reason = ANY(reasons))
    AND (CAST(:ids AS uuid []) IS NULL OR quarantine_id = ANY(CAST(:ids AS uuid [])))
