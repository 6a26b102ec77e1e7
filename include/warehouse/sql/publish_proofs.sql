DELETE FROM golden.proof
WHERE
    $proven
    AND NOT EXISTS (SELECT FROM pg_temp.new_proof AS new WHERE new.customer_id = proof.customer_id);

INSERT INTO golden.proof (customer_id, record_ids, fields)
SELECT new.customer_id, new.record_ids, new.fields
FROM pg_temp.new_proof AS new
LEFT JOIN golden.proof AS old ON old.customer_id = new.customer_id
WHERE (new.record_ids, new.fields) IS DISTINCT FROM (old.record_ids, old.fields)
ON CONFLICT (customer_id) DO UPDATE SET record_ids = excluded.record_ids, fields = excluded.fields;
