SELECT
    now.record_id::text, now.source, now.stream, now.scope, now.region, now.source_time, first.first_source_time, now.flags, $content
FROM staging.current_record AS now
JOIN (
    SELECT record_id, min(source_time) AS first_source_time FROM staging.record_version GROUP BY record_id
) AS first ON first.record_id = now.record_id
ORDER BY now.record_id
