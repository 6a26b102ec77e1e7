-- The live ones of some records as they stand, each found by its id: nothing else is read. The order is that of staging.latest_version.
SELECT $columns
FROM pg_temp.seed
CROSS JOIN LATERAL (
    SELECT * FROM staging.record_version
    WHERE record_version.record_id = seed.record_id
    ORDER BY confirmed_at DESC, confirmed_on DESC, deleted, content_hash COLLATE "C" DESC
    LIMIT 1
) AS now
WHERE NOT now.deleted
ORDER BY now.record_id
