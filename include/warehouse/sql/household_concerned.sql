-- With some records all others of their customers.
INSERT INTO pg_temp.concerned (record_id)
SELECT fellow.record_id
FROM (SELECT DISTINCT own.customer_id FROM pg_temp.concerned JOIN golden.crosswalk AS own ON own.record_id = concerned.record_id) AS whose
JOIN golden.crosswalk AS fellow ON fellow.customer_id = whose.customer_id
WHERE NOT EXISTS (SELECT FROM pg_temp.concerned AS known WHERE known.record_id = fellow.record_id);

ANALYZE pg_temp.concerned;
