-- Only records that moved are told anew. Inserted as they come in the index, and without a look for what is there: it would be a
-- contradiction, and is refused.
UPDATE identity.membership SET to_sequence = :sequence, to_at = now()
FROM pg_temp.moved
WHERE membership.record_id = moved.record_id AND membership.to_sequence IS NULL AND moved.was IS NOT NULL;

INSERT INTO identity.membership (record_id, customer_id, from_sequence)
SELECT record_id, becomes, :sequence FROM pg_temp.moved
WHERE becomes IS NOT NULL
ORDER BY record_id;

DELETE FROM golden.crosswalk USING pg_temp.moved
WHERE moved.record_id = crosswalk.record_id AND moved.becomes IS NULL;

UPDATE golden.crosswalk SET customer_id = moved.becomes
FROM pg_temp.moved
WHERE moved.record_id = crosswalk.record_id AND moved.was IS NOT NULL AND moved.becomes IS NOT NULL;

INSERT INTO golden.crosswalk (record_id, customer_id, source, stream)
SELECT moved.record_id, moved.becomes, record.source, record.stream
FROM pg_temp.moved
JOIN staging.record ON record.record_id = moved.record_id
WHERE moved.was IS NULL AND moved.becomes IS NOT NULL
ORDER BY moved.record_id;
