-- What records said at a moment of valid time.
SELECT word.record_id::text, word.source, word.region, word.source_time, word.flags, $content
FROM unnest(CAST(:ids AS uuid [])) AS asked (record_id)
JOIN LATERAL (
    SELECT * FROM staging.record_version AS version
    WHERE version.record_id = asked.record_id AND version.source_time <= :valid
    ORDER BY version.source_time DESC, version.delivered_on DESC, version.deleted, version.content_hash COLLATE "C" DESC
    LIMIT 1
) AS word ON NOT word.deleted
ORDER BY word.record_id
