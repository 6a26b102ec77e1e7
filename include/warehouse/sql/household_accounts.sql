-- What scoring repeat registrations reads: the accounts of customers who have several at one source.
WITH several AS (
$several
)

SELECT
    now.record_id::text, placed.customer_id::text, now.source, first.first_source_time, now.first_seen_at, now.flags, now.emails,
    now.email_keys
FROM several
JOIN golden.crosswalk AS placed ON placed.customer_id = several.customer_id AND placed.source = several.source
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
