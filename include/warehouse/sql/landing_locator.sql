-- Which file holds which record. Looked up before, as a row that might be there already takes twice as long to insert; nobody else tells it of this
-- source meanwhile.
INSERT INTO ops.locator (record_id, delivery_id)
SELECT DISTINCT landed.record_id, delivery.delivery_id
FROM pg_temp.landed
JOIN ops.delivery ON delivery.manifest_id = :manifest_id AND delivery.file = landed.file
WHERE
    landed.record_id IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM ops.locator AS known WHERE known.record_id = landed.record_id AND known.delivery_id = delivery.delivery_id
    )
