DELETE FROM identity.edge
WHERE
    $paired
    AND NOT EXISTS (
        SELECT FROM pg_temp.new_edge AS new WHERE new.record_a = edge.record_a AND new.record_b = edge.record_b
    );

INSERT INTO identity.edge AS old (record_a, record_b, weight, probability, band, rule, evidence, model_version)
SELECT record_a, record_b, weight, probability, band, rule, evidence, model_version FROM pg_temp.new_edge
ON CONFLICT (record_a, record_b) DO UPDATE SET
    weight = excluded.weight, probability = excluded.probability, band = excluded.band, rule = excluded.rule,
    evidence = excluded.evidence, model_version = excluded.model_version
WHERE
    (old.weight, old.probability, old.band, old.rule, old.evidence, old.model_version)
    IS DISTINCT FROM (
        excluded.weight, excluded.probability, excluded.band, excluded.rule, excluded.evidence, excluded.model_version
    );
