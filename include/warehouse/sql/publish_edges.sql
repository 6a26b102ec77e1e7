DELETE FROM identity.edge
WHERE
    $paired
    AND NOT EXISTS (
        SELECT FROM pg_temp.new_edge AS new WHERE new.record_a = edge.record_a AND new.record_b = edge.record_b
    );

UPDATE identity.edge AS old SET
    weight = new.weight, probability = new.probability, band = new.band, rule = new.rule, evidence = new.evidence,
    model_version = new.model_version
FROM pg_temp.new_edge AS new
WHERE
    new.record_a = old.record_a AND new.record_b = old.record_b AND new.evidence IS NOT NULL
    AND (old.weight, old.probability, old.band, old.rule, old.evidence, old.model_version)
    IS DISTINCT FROM (new.weight, new.probability, new.band, new.rule, new.evidence, new.model_version);

-- Looked up before, as with proofs.
DROP TABLE IF EXISTS pg_temp.unpaired;

CREATE TEMP TABLE unpaired ON COMMIT DROP AS
SELECT new.record_a, new.record_b FROM pg_temp.new_edge AS new
WHERE NOT EXISTS (SELECT FROM identity.edge AS old WHERE old.record_a = new.record_a AND old.record_b = new.record_b);

INSERT INTO identity.edge (record_a, record_b, weight, probability, band, rule, evidence, model_version)
SELECT record_a, record_b, weight, probability, band, rule, evidence, model_version FROM pg_temp.new_edge
WHERE (record_a, record_b) IN (SELECT record_a, record_b FROM pg_temp.unpaired);
