-- A proof is read whole or not at all: it stays beside its row, and unpacked, up to the size of a page.
ALTER TABLE golden.proof SET (toast_tuple_target = 8160);

INSERT INTO golden.proof (customer_id, record_ids, fields)
SELECT
    told.customer_id, coalesce(supplier.record_ids, '{}'),
    jsonb_object_agg(
        told.field,
        jsonb_build_array(
            told.rule, told.agreeing, told.holding,
            to_jsonb(ARRAY(SELECT array_position(supplier.record_ids, held.one) FROM unnest(told.record_ids) AS held (one)))
        )
    )
FROM golden.provenance_by_value AS told
LEFT JOIN (
    SELECT by_value.customer_id, array_agg(DISTINCT held.one ORDER BY held.one) AS record_ids
    FROM golden.provenance_by_value AS by_value, unnest(by_value.record_ids) AS held (one)
    GROUP BY by_value.customer_id
) AS supplier ON supplier.customer_id = told.customer_id
GROUP BY told.customer_id, supplier.record_ids;

CREATE VIEW golden.provenance AS
SELECT
    proof.customer_id, told.field,
    ARRAY(SELECT proof.record_ids[held.place::int] FROM jsonb_array_elements_text(told.said -> 3) AS held (place)) AS record_ids,
    told.said ->> 0 AS rule, (told.said -> 1)::int AS agreeing, (told.said -> 2)::int AS holding
FROM golden.proof, jsonb_each(proof.fields) AS told (field, said);
COMMENT ON VIEW golden.provenance IS 'Where golden values come from: golden.proof in a row a value';

CREATE OR REPLACE VIEW golden.v_provenance AS
SELECT customer_id, field, record_ids, rule, agreeing, holding FROM golden.provenance;

CREATE OR REPLACE VIEW golden.pin_now AS
SELECT
    pin.*, place.customer_id,
    CASE
        WHEN pin.withdrawn_at IS NOT NULL THEN 'withdrawn'
        WHEN EXISTS (SELECT FROM staging.dirty_record AS mark WHERE mark.record_id = pin.record_id) THEN 'waits for a run'
        WHEN EXISTS (
            SELECT FROM golden.proof
            JOIN golden.customer ON customer.customer_id = proof.customer_id
            WHERE
                proof.customer_id = place.customer_id AND proof.fields -> pin.field ->> 0 = 'pinned'
                AND pin.given -> pin.field IN (to_jsonb(customer) -> pin.field, to_jsonb(customer) -> pin.field -> 0)
        ) THEN 'stands'
        ELSE 'offered again'
    END AS state
FROM golden.pin
LEFT JOIN LATERAL (
    SELECT was.customer_id FROM identity.membership AS was
    WHERE was.record_id = pin.record_id ORDER BY was.from_sequence DESC LIMIT 1
) AS place ON true;

DROP TABLE golden.provenance_by_value;

GRANT SELECT, INSERT, UPDATE, DELETE ON golden.proof TO suki_resolve;
GRANT SELECT ON golden.proof TO suki_steward, suki_privacy;
GRANT SELECT ON golden.provenance TO suki_resolve, suki_steward, suki_privacy;
