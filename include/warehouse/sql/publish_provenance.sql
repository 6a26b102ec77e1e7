DELETE FROM golden.provenance
WHERE
    $proven
    AND NOT EXISTS (
        SELECT FROM pg_temp.new_provenance AS new
        WHERE new.customer_id = provenance.customer_id AND new.field = provenance.field
    );

INSERT INTO golden.provenance (customer_id, field, record_ids, rule, agreeing, holding)
SELECT new.customer_id, new.field, new.record_ids, new.rule, new.agreeing, new.holding
FROM pg_temp.new_provenance AS new
LEFT JOIN golden.provenance AS old ON old.customer_id = new.customer_id AND old.field = new.field
WHERE
    (new.record_ids, new.rule, new.agreeing, new.holding) IS DISTINCT FROM (old.record_ids, old.rule, old.agreeing, old.holding)
ON CONFLICT (customer_id, field) DO UPDATE SET
    record_ids = excluded.record_ids, rule = excluded.rule, agreeing = excluded.agreeing, holding = excluded.holding;
