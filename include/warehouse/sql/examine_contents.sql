SELECT now.record_id::text, now.source, now.stream, now.region, now.flags, $content
FROM staging.current_record AS now
WHERE CAST(:ids AS uuid []) IS NULL OR now.record_id = ANY(CAST(:ids AS uuid []))
ORDER BY now.record_id
