UPDATE identity.membership SET to_sequence = :sequence, to_at = now()
WHERE
    to_sequence IS NULL
    AND $member
    AND NOT EXISTS (
        SELECT FROM pg_temp.new_member AS new
        WHERE new.record_id = membership.record_id AND new.customer_id = membership.customer_id
    );

INSERT INTO identity.membership (record_id, customer_id, from_sequence)
SELECT new.record_id, new.customer_id, :sequence
FROM pg_temp.new_member AS new
WHERE NOT EXISTS (
    SELECT FROM identity.membership AS old
    WHERE old.record_id = new.record_id AND old.customer_id = new.customer_id AND old.to_sequence IS NULL
);

DELETE FROM golden.crosswalk
WHERE
    $placed
    AND NOT EXISTS (SELECT FROM pg_temp.new_member AS new WHERE new.record_id = crosswalk.record_id);

INSERT INTO golden.crosswalk AS old (record_id, customer_id, source, stream)
SELECT new.record_id, new.customer_id, record.source, record.stream
FROM pg_temp.new_member AS new
JOIN staging.record ON record.record_id = new.record_id
ON CONFLICT (record_id) DO UPDATE SET customer_id = excluded.customer_id
WHERE old.customer_id <> excluded.customer_id;
