INSERT INTO ops.staged_manifest (manifest_id) VALUES (:manifest_id) ON CONFLICT DO NOTHING
