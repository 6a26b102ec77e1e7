-- Of customers with several accounts at a source whose orders came or changed: those whose first purchases are not those they were
-- scored by.
SELECT DISTINCT known.customer_id::text
FROM golden.repeat_registration AS known
JOIN (
$marked
) AS marked ON marked.customer_id = known.customer_id AND marked.source = known.source
LEFT JOIN (
$orders
) AS now ON now.customer_id = known.customer_id::text AND now.source = known.source
WHERE known.first_orders IS DISTINCT FROM now.first_orders
