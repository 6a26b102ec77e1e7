-- What finding households reads of these records.
SELECT
    now.record_id::text, unread.customer_id::text, now.source, now.stream, now.region, first.first_source_time, now.first_seen_at,
    now.flags, now.given_key, now.family_key, now.name_suffix, now.birth_date, now.address_line, now.house_number, now.street_key,
    now.city, now.postcode, now.phones, now.emails, now.email_keys
FROM pg_temp.unread
CROSS JOIN LATERAL (
    SELECT * FROM staging.record_version
    WHERE record_version.record_id = unread.record_id
    ORDER BY confirmed_at DESC, confirmed_on DESC, deleted, content_hash COLLATE "C" DESC
    LIMIT 1
) AS now
CROSS JOIN LATERAL (
    SELECT min(source_time) AS first_source_time FROM staging.record_version WHERE record_version.record_id = unread.record_id
) AS first
WHERE NOT now.deleted
ORDER BY now.record_id
