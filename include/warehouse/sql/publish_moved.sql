-- Records that have another customer than before, one at last, or none any more.
CREATE TEMP TABLE moved ON COMMIT DROP AS
SELECT coalesce(new.record_id, old.record_id) AS record_id, old.customer_id AS was, new.customer_id AS becomes
FROM pg_temp.new_member AS new
FULL JOIN (SELECT record_id, customer_id FROM golden.crosswalk WHERE $placed) AS old ON old.record_id = new.record_id
WHERE new.customer_id IS DISTINCT FROM old.customer_id
