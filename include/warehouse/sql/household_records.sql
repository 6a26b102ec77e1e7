-- What finding households, or scoring repeat registrations, reads of records that are placed with a customer, each found by its id.
SELECT $columns
FROM ($placed) AS placed
CROSS JOIN LATERAL (
    SELECT * FROM staging.record_version
    WHERE record_version.record_id = placed.record_id
    ORDER BY confirmed_at DESC, confirmed_on DESC, deleted, content_hash COLLATE "C" DESC
    LIMIT 1
) AS now
CROSS JOIN LATERAL (
    SELECT min(source_time) AS first_source_time FROM staging.record_version WHERE record_version.record_id = placed.record_id
) AS first
WHERE NOT now.deleted
ORDER BY now.record_id
