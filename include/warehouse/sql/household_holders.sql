-- The records that ever said one of these phones, mailboxes or homes. Cities are compared loosely, as in household_near, and for the same
-- reason it takes two steps.
DROP TABLE IF EXISTS pg_temp.holding;

CREATE TEMP TABLE holding ON COMMIT DROP AS
SELECT home.place, other.record_id
FROM (SELECT * FROM pg_temp.asked WHERE asked.street_key IS NOT NULL) AS home
JOIN staging.record_version AS other ON other.street_key = home.street_key AND other.house_number = home.house_number
WHERE
    other.postcode = home.postcode OR lower(other.city) = lower(home.city)
    OR home.city ~ '[^ -~]' OR other.city ~ '[^ -~]'
UNION
SELECT called.place, other.record_id
FROM (SELECT place, phone FROM pg_temp.asked WHERE phone IS NOT NULL) AS called
JOIN staging.record_version AS other ON other.phones @> ARRAY[called.phone]
UNION
SELECT written.place, other.record_id
FROM (SELECT place, mailbox FROM pg_temp.asked WHERE mailbox IS NOT NULL) AS written
JOIN staging.record_version AS other ON other.email_keys @> ARRAY[written.mailbox];

ANALYZE pg_temp.holding;
