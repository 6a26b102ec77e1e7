INSERT INTO staging.quarantine (
    quarantine_id, source, stream, stage, record_id, customer_record_id, manifest_id, file, position, reasons, "row", run_id
)
SELECT quarantine_id, :source, :stream, :stage, record_id, customer_record_id, :manifest_id, file, position, reasons, "row", :run_id
FROM pg_temp.set_aside
ON CONFLICT (quarantine_id) DO NOTHING
