UPDATE identity.membership SET to_sequence = :sequence, to_at = now()
WHERE
    to_sequence IS NULL
    AND $member
    AND NOT EXISTS (
        SELECT FROM pg_temp.new_member AS new
        WHERE new.record_id = membership.record_id AND new.customer_id = membership.customer_id
    );

-- What still holds now holds as it is found. No anti-join: of an empty table the planner believes that it stays so while it fills.
INSERT INTO identity.membership (record_id, customer_id, from_sequence)
SELECT record_id, customer_id, :sequence FROM pg_temp.new_member
ON CONFLICT (record_id) WHERE to_sequence IS NULL DO NOTHING;

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
