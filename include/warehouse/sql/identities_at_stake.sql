-- Their ids, the ids that stand for them, and the ids that were minted for one of these records.
CREATE TEMP TABLE at_stake ON COMMIT DROP AS
SELECT customer_id FROM pg_temp.borne
UNION
SELECT alias.customer_id
FROM pg_temp.borne
JOIN identity.alias ON alias.became = borne.customer_id
UNION
SELECT ledger.customer_id
FROM pg_temp.seed
JOIN identity.customer_id_ledger AS ledger ON ledger.anchor_record_id = seed.record_id
