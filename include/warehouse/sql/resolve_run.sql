INSERT INTO ops.resolve_run (resolve_id, run_id, base_resolve_id, status, model_version, report, content_hash, sequence)
VALUES (:resolve_id, :run_id, :base, :status, :model_version, CAST(:report AS jsonb), :content_hash, :sequence)
