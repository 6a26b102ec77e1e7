DELETE FROM golden.proof
WHERE
    $proven
    AND NOT EXISTS (SELECT FROM pg_temp.new_proof AS new WHERE new.customer_id = proof.customer_id);

UPDATE golden.proof SET record_ids = new.record_ids, fields = new.fields
FROM pg_temp.new_proof AS new
WHERE new.customer_id = proof.customer_id AND (new.record_ids, new.fields::text) IS DISTINCT FROM (proof.record_ids, proof.fields::text);

-- Looked up before, not while it fills: of an empty table the planner believes that it stays so.
DROP TABLE IF EXISTS pg_temp.unproven;

CREATE TEMP TABLE unproven ON COMMIT DROP AS
SELECT new.customer_id FROM pg_temp.new_proof AS new
WHERE NOT EXISTS (SELECT FROM golden.proof WHERE proof.customer_id = new.customer_id);

INSERT INTO golden.proof (customer_id, record_ids, fields)
SELECT new.customer_id, new.record_ids, new.fields
FROM pg_temp.new_proof AS new
WHERE new.customer_id IN (SELECT customer_id FROM pg_temp.unproven);
