-- Looked up before, as with proofs: a row that might be there already takes twice as long to insert.
DROP TABLE IF EXISTS pg_temp.unknown;

CREATE TEMP TABLE unknown ON COMMIT DROP AS
SELECT DISTINCT ON (new.customer_id) new.customer_id, new.anchor_record_id FROM pg_temp.new_minted AS new
WHERE NOT EXISTS (SELECT FROM identity.customer_id_ledger AS known WHERE known.customer_id = new.customer_id)
ORDER BY new.customer_id;

INSERT INTO identity.customer_id_ledger (customer_id, anchor_record_id, minted_by)
SELECT customer_id, anchor_record_id, :resolve_id FROM pg_temp.unknown;

DELETE FROM identity.alias
WHERE
    $renamed
    AND NOT EXISTS (SELECT FROM pg_temp.new_alias AS new WHERE new.customer_id = alias.customer_id);

INSERT INTO identity.alias AS old (customer_id, became, since_sequence)
SELECT customer_id, became, :sequence FROM pg_temp.new_alias
ON CONFLICT (customer_id) DO UPDATE SET became = excluded.became, since_sequence = excluded.since_sequence, recorded_at = now()
WHERE old.became <> excluded.became;
