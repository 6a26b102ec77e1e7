-- A few ids of each kind of change, for somebody to look at.
SELECT change, customer_id::text
FROM (
    SELECT change, customer_id, row_number() OVER (PARTITION BY change ORDER BY customer_id) AS place FROM pg_temp.change
) AS listed
WHERE place <= :shown
ORDER BY change, customer_id
