DELETE FROM golden.customer USING pg_temp.change
WHERE change.customer_id = customer.customer_id AND change.change IN ('merged', 'retired');

-- Who only changed records may be the same to the letter.
UPDATE golden.customer SET $updates
FROM pg_temp.change
JOIN pg_temp.new_customer AS new ON new.customer_id = change.customer_id
WHERE customer.customer_id = change.customer_id AND change.change = 'updated' AND customer.row_hash <> new.row_hash;

INSERT INTO golden.customer (customer_id, $columns)
SELECT customer_id, $columns
FROM pg_temp.new_customer
WHERE customer_id IN (SELECT customer_id FROM pg_temp.change WHERE change IN ('created', 'split'));
