-- What some records ever said of where they live and are reached, and whose they were before a publication and are after it.
SELECT DISTINCT
    version.record_id::text AS record_id, held.customer_id::text AS was, placed.customer_id::text AS now, version.deleted, version.region,
    version.given_key, version.family_key, version.name_suffix, version.birth_date, version.address_line,
    version.house_number, version.street_key, version.city, version.postcode,
    coalesce(version.phones, '{}') AS phones, coalesce(version.email_keys, '{}') AS email_keys
FROM pg_temp.concerned
JOIN staging.record_version AS version ON version.record_id = concerned.record_id
LEFT JOIN golden.crosswalk AS placed ON placed.record_id = concerned.record_id
LEFT JOIN identity.membership AS held
    ON
        held.record_id = concerned.record_id AND held.from_sequence < $sequence
        AND (held.to_sequence IS NULL OR held.to_sequence >= $sequence)
