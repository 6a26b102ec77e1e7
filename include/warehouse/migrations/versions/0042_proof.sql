-- The text as it was told: in jsonb it is twice as long, and most of a publication's time was to write it.
ALTER TABLE golden.proof ADD COLUMN told json;
UPDATE golden.proof SET told = fields::text::json;
ALTER TABLE golden.proof ALTER COLUMN told SET NOT NULL;
COMMENT ON COLUMN golden.proof.told IS 'Field > [rule, agreeing, holding, places of its records]';

CREATE OR REPLACE VIEW golden.provenance AS
SELECT
    proof.customer_id, told.field,
    ARRAY(SELECT proof.record_ids[held.place::int] FROM json_array_elements_text(told.said -> 3) AS held (place)) AS record_ids,
    told.said ->> 0 AS rule, (told.said ->> 1)::int AS agreeing, (told.said ->> 2)::int AS holding
FROM golden.proof, json_each(proof.told) AS told (field, said);

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
                proof.customer_id = place.customer_id AND proof.told -> pin.field ->> 0 = 'pinned'
                AND pin.given -> pin.field IN (to_jsonb(customer) -> pin.field, to_jsonb(customer) -> pin.field -> 0)
        ) THEN 'stands'
        ELSE 'offered again'
    END AS state
FROM golden.pin
LEFT JOIN LATERAL (
    SELECT was.customer_id FROM identity.membership AS was
    WHERE was.record_id = pin.record_id ORDER BY was.from_sequence DESC LIMIT 1
) AS place ON true;
