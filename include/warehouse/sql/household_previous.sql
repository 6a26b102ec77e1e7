-- The households as they stand, by the ids their members have now.
SELECT DISTINCT ON (1) published.customer_id::text AS customer_id, member.household_id::text AS household_id
FROM golden.household_member AS member
JOIN golden.v_customer_id AS published ON published.published_id = member.customer_id
WHERE published.customer_id IS NOT NULL AND $lived
ORDER BY 1, 2
