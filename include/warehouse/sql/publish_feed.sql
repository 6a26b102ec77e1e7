INSERT INTO golden.change_feed (sequence, customer_id, change, fields, became)
SELECT :sequence, customer_id, change, fields, became
FROM pg_temp.change
ORDER BY change, customer_id;
