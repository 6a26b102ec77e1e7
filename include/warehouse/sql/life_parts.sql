-- Who split off from a customer.
SELECT told.customer_id::text AS published_id, known.customer_id::text, told.recorded_at
FROM golden.customer_change AS told
JOIN golden.v_customer_id AS known ON known.published_id = told.customer_id
WHERE told.split_from <> '{}' AND told.split_from @> ARRAY[CAST(:id AS uuid)]
ORDER BY told.change_id
