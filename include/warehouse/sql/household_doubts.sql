-- Of some customers, with whom they may be one person: a pair of their records waits for a steward.
SELECT least(theirs.customer_id, other.customer_id)::text AS customer_a, greatest(theirs.customer_id, other.customer_id)::text AS customer_b
FROM pg_temp.whose
JOIN golden.crosswalk AS theirs ON theirs.customer_id = whose.customer_id
JOIN identity.edge ON edge.record_a = theirs.record_id
JOIN golden.crosswalk AS other ON other.record_id = edge.record_b
WHERE edge.band = 'review' AND other.customer_id <> theirs.customer_id
UNION
SELECT least(theirs.customer_id, other.customer_id)::text, greatest(theirs.customer_id, other.customer_id)::text
FROM pg_temp.whose
JOIN golden.crosswalk AS theirs ON theirs.customer_id = whose.customer_id
JOIN identity.edge ON edge.record_b = theirs.record_id
JOIN golden.crosswalk AS other ON other.record_id = edge.record_a
WHERE edge.band = 'review' AND other.customer_id <> theirs.customer_id
