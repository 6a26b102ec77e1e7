-- Customers with several accounts at a source whose first purchases are not those they were scored by.
SELECT DISTINCT known.customer_id::text
FROM golden.repeat_registration AS known
LEFT JOIN (
$orders
) AS now ON now.customer_id = known.customer_id::text AND now.source = known.source
WHERE known.first_orders IS DISTINCT FROM now.first_orders
