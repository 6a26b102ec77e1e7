INSERT INTO ops.locator (record_id, delivery_id)
SELECT DISTINCT landed.record_id, delivery.delivery_id
FROM pg_temp.landed
JOIN ops.delivery ON delivery.manifest_id = :manifest_id AND delivery.file = landed.file
WHERE landed.record_id IS NOT NULL
ON CONFLICT DO NOTHING
