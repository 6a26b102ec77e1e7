-- What the golden table counts of these customers.
SELECT
    count(*) AS customers,
    coalesce(sum(record_count), 0) AS live_records,
    coalesce(sum(record_count) FILTER (WHERE record_count > 1), 0) AS shared_records
FROM pg_temp.borne
JOIN golden.customer ON customer.customer_id = borne.customer_id
