SELECT record.record_id::text, record.source, record.stream, record.region, record.deleted, crosswalk.customer_id::text
FROM staging.latest_version AS record
LEFT JOIN golden.crosswalk ON crosswalk.record_id = record.record_id
WHERE record.record_id = ANY(:ids)
ORDER BY record.record_id
