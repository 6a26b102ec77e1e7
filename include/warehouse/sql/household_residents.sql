-- What finding households reads of every current record that has a customer.
SELECT
    now.record_id::text, placed.customer_id::text, now.region, first.first_source_time, now.given_key, now.family_key, now.name_suffix,
    now.birth_date, now.address_line, now.house_number, now.street_key, now.city, now.postcode, now.phones, now.email_keys
FROM staging.current_record AS now
JOIN golden.crosswalk AS placed ON placed.record_id = now.record_id
JOIN (
    SELECT record_id, min(source_time) AS first_source_time FROM staging.record_version GROUP BY record_id
) AS first ON first.record_id = now.record_id
ORDER BY now.record_id
