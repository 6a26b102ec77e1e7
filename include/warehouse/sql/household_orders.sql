-- What the first purchases of each of these customers come to, as a hash: another one, and they are scored again.
SELECT
    customer_id::text, source,
    md5(string_agg(concat_ws(' ', record_id, extract(EPOCH FROM occurred_at), promotions), ',' ORDER BY record_id)) AS first_orders
FROM (
$first
) AS first
GROUP BY customer_id, source
