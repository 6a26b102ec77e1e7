-- The records of some customers.
DROP TABLE IF EXISTS pg_temp.near;

CREATE TEMP TABLE near ON COMMIT DROP AS
SELECT placed.record_id, placed.customer_id
FROM pg_temp.whose
JOIN golden.crosswalk AS placed ON placed.customer_id = whose.customer_id;
