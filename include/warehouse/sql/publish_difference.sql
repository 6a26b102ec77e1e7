-- What the touched part adds to the counts of the golden table, and takes away.
SELECT
    begun.records - ended.records AS records,
    begun.shared - ended.shared AS shared
FROM
    (
        SELECT coalesce(sum(record_count), 0) AS records, coalesce(sum(record_count) FILTER (WHERE record_count > 1), 0) AS shared
        FROM pg_temp.new_customer
    ) AS begun,
    (
        SELECT coalesce(sum(record_count), 0) AS records, coalesce(sum(record_count) FILTER (WHERE record_count > 1), 0) AS shared
        FROM golden.customer
        WHERE customer_id IN (SELECT customer_id FROM pg_temp.touched_customer)
    ) AS ended
