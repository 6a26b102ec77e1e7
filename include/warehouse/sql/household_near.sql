-- What finding households reads: of whoever holds one of these records, or a home, phone or mailbox that one of them ever had, all
-- records. Cities are compared loosely here: finding compares them exactly.
WITH said AS (
    SELECT version.*
    FROM pg_temp.seed
    JOIN staging.record_version AS version ON version.record_id = seed.record_id
),

held AS (
    SELECT record_id FROM pg_temp.seed
    UNION
    SELECT other.record_id
    FROM (SELECT DISTINCT street_key, house_number, postcode, city FROM said WHERE street_key <> '' AND house_number <> '') AS home
    JOIN staging.record_version AS other ON other.street_key = home.street_key AND other.house_number = home.house_number
    WHERE
        other.postcode = home.postcode OR lower(other.city) = lower(home.city)
        OR home.city ~ '[^ -~]' OR other.city ~ '[^ -~]'
    UNION
    SELECT other.record_id
    FROM (SELECT DISTINCT unnest(phones) AS phone FROM said) AS called
    JOIN staging.record_version AS other ON other.phones @> ARRAY[called.phone]
    UNION
    SELECT other.record_id
    FROM (SELECT DISTINCT unnest(email_keys) AS mailbox FROM said) AS written
    JOIN staging.record_version AS other ON other.email_keys @> ARRAY[written.mailbox]
),

theirs AS (
    SELECT fellow.record_id, fellow.customer_id
    FROM (SELECT DISTINCT placed.customer_id FROM held JOIN golden.crosswalk AS placed ON placed.record_id = held.record_id) AS near
    JOIN golden.crosswalk AS fellow ON fellow.customer_id = near.customer_id
)

SELECT
    now.record_id::text, theirs.customer_id::text, now.source, now.stream, now.region, first.first_source_time, now.first_seen_at,
    now.flags, now.given_key, now.family_key, now.name_suffix, now.birth_date, now.address_line, now.house_number, now.street_key,
    now.city, now.postcode, now.phones, now.emails, now.email_keys
FROM theirs
CROSS JOIN LATERAL (
    SELECT * FROM staging.record_version
    WHERE record_version.record_id = theirs.record_id
    ORDER BY confirmed_at DESC, confirmed_on DESC, deleted, content_hash COLLATE "C" DESC
    LIMIT 1
) AS now
CROSS JOIN LATERAL (
    SELECT min(source_time) AS first_source_time FROM staging.record_version WHERE record_version.record_id = theirs.record_id
) AS first
WHERE NOT now.deleted
ORDER BY now.record_id
