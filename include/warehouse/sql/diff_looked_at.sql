-- Of whom more than the hash is looked at: who stays and differs, and to whom others come.
DROP TABLE IF EXISTS pg_temp.looked_at;

CREATE TEMP TABLE looked_at ON COMMIT DROP AS
SELECT new.customer_id
FROM pg_temp.new_hash AS new
JOIN golden.customer AS old ON old.customer_id = new.customer_id
WHERE old.row_hash <> new.row_hash
UNION
SELECT became FROM pg_temp.new_alias;

ANALYZE pg_temp.looked_at;
