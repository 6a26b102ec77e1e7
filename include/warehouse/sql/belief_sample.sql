SELECT place.record_id::text, place.customer_id::text
FROM (SELECT customer_id FROM golden.customer ORDER BY customer_id LIMIT :customers) AS chosen
JOIN golden.crosswalk AS place USING (customer_id)
ORDER BY place.record_id
