-- Beside those who were sent whole: by id and hash.
INSERT INTO pg_temp.new_customer (customer_id, row_hash)
SELECT new.customer_id, new.row_hash FROM pg_temp.new_hash AS new
WHERE NOT EXISTS (SELECT FROM pg_temp.looked_at WHERE looked_at.customer_id = new.customer_id);
