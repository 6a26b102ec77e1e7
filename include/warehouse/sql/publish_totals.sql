-- The golden table in three counts.
SELECT
    count(*) AS customers,
    coalesce(sum(record_count), 0) AS live_records,
    coalesce(sum(record_count) FILTER (WHERE record_count > 1), 0) AS shared_records
FROM golden.customer
