-- The records of whoever holds one of these records, or a home, phone or mailbox that one of them ever had. Cities are compared
-- loosely here: finding compares them exactly. In two steps: how few hold a phone the planner cannot know, and it would go over all
-- customers to find theirs.
DROP TABLE IF EXISTS pg_temp.held, pg_temp.near;

CREATE TEMP TABLE held ON COMMIT DROP AS
WITH said AS (
    SELECT version.street_key, version.house_number, version.postcode, version.city, version.phones, version.email_keys
    FROM pg_temp.seed
    JOIN staging.record_version AS version ON version.record_id = seed.record_id
)

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
JOIN staging.record_version AS other ON other.email_keys @> ARRAY[written.mailbox];

ANALYZE pg_temp.held;

CREATE TEMP TABLE near ON COMMIT DROP AS
SELECT fellow.record_id, fellow.customer_id
FROM (SELECT DISTINCT placed.customer_id FROM pg_temp.held JOIN golden.crosswalk AS placed ON placed.record_id = held.record_id) AS beside
JOIN golden.crosswalk AS fellow ON fellow.customer_id = beside.customer_id;
