INSERT INTO golden.customer_change (sequence, customer_id, change, fields, became, split_from, gained, lost)
SELECT :sequence, customer_id, change, fields, became, split_from, gained, lost
FROM pg_temp.change
ORDER BY change, customer_id;
