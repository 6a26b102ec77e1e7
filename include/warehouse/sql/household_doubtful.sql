-- Customers who may be one person: a pair of their records waits for a steward.
SELECT DISTINCT least(one.customer_id, other.customer_id)::text AS customer_a, greatest(one.customer_id, other.customer_id)::text AS customer_b
FROM identity.edge
JOIN golden.crosswalk AS one ON one.record_id = edge.record_a
JOIN golden.crosswalk AS other ON other.record_id = edge.record_b
WHERE edge.band = 'review' AND one.customer_id <> other.customer_id
ORDER BY 1, 2
