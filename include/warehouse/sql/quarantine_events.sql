SELECT quarantine_id::text, recorded_at, state, stage, reasons, run_id, actor, why
FROM staging.quarantine_event
WHERE quarantine_id = ANY(CAST(:ids AS uuid []))
ORDER BY quarantine_id, event_id
