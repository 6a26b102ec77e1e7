-- What a run did with rows of a landing, by their place in it; told again by a retry it is told once. A discarded row stays discarded.
INSERT INTO staging.quarantine_event (quarantine_id, state, stage, reasons, run_id)
SELECT quarantine_now.quarantine_id, :state, :stage, place.reasons, :run_id
FROM pg_temp.place
JOIN staging.quarantine_now USING (file, position)
WHERE quarantine_now.manifest_id = :manifest_id AND quarantine_now.state = ANY(:states)
ON CONFLICT DO NOTHING
