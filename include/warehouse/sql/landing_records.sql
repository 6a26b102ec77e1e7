-- The record id and the source key of every record that is new to us, with the numbering that its delivery's day was of.
INSERT INTO staging.record (record_id, source, epoch, stream, source_key, key_id, scope)
SELECT DISTINCT ON (landed.record_id)
    landed.record_id, :source,
    :epoch + (SELECT count(*) FROM unnest(CAST(:restarts AS date [])) AS restart (day) WHERE restart.day <= delivery.delivered_on),
    :stream, landed.source_key, :key_id, landed.scope
FROM pg_temp.landed
JOIN ops.delivery ON delivery.manifest_id = :manifest_id AND delivery.file = landed.file
WHERE landed.record_id IS NOT NULL
ORDER BY landed.record_id, landed.scope
ON CONFLICT DO NOTHING
