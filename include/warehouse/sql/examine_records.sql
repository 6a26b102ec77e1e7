SELECT
    record.record_id::text, record.source, record.stream, record.deleted, crosswalk.customer_id::text,
    (record.recorded_at > :published_at) AS changed
FROM staging.latest_version AS record
LEFT JOIN golden.crosswalk ON crosswalk.record_id = record.record_id
WHERE record.record_id = ANY(:ids)
ORDER BY record.source, record.stream, record.record_id
