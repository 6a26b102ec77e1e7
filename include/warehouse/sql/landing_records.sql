-- The record id and the source key of every record that is new to us.
INSERT INTO staging.record (record_id, source, epoch, stream, source_key, key_id, scope)
SELECT DISTINCT ON (record_id) record_id, :source, :epoch, :stream, source_key, :key_id, scope
FROM pg_temp.landed
WHERE record_id IS NOT NULL
ORDER BY record_id, scope
ON CONFLICT DO NOTHING
