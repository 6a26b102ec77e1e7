-- Customers with several accounts at one source.
SELECT customer_id, source FROM golden.crosswalk AS old WHERE $again GROUP BY customer_id, source HAVING count(*) > 1
