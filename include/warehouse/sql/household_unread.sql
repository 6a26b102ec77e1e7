-- Which of these records were not read yet; from here on they were.
DROP TABLE IF EXISTS pg_temp.unread;

CREATE TEMP TABLE unread ON COMMIT DROP AS
SELECT near.record_id, near.customer_id
FROM pg_temp.near
WHERE NOT EXISTS (SELECT FROM pg_temp.resident WHERE resident.record_id = near.record_id);

ANALYZE pg_temp.unread;

INSERT INTO pg_temp.resident (record_id) SELECT record_id FROM pg_temp.unread;

ANALYZE pg_temp.resident;
