DELETE FROM golden.customer USING pg_temp.change
WHERE change.customer_id = customer.customer_id AND change.change IN ('merged', 'retired');

INSERT INTO golden.customer (customer_id, $columns)
SELECT customer_id, $columns
FROM pg_temp.new_customer
WHERE customer_id IN (SELECT customer_id FROM pg_temp.change)
ON CONFLICT (customer_id) DO UPDATE SET $updates;
