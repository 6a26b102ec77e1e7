-- What became of each pinned value. A run that finds what it overrode said otherwise publishes the value of the sources again: then
-- no provenance names the pin, and it waits here for somebody to look.
CREATE VIEW golden.pin_now AS
SELECT
    pin.*, place.customer_id,
    CASE
        WHEN pin.withdrawn_at IS NOT NULL THEN 'withdrawn'
        WHEN EXISTS (SELECT FROM staging.dirty_record AS mark WHERE mark.record_id = pin.record_id) THEN 'waits for a run'
        WHEN EXISTS (
            SELECT FROM golden.provenance AS proof
            JOIN golden.customer ON customer.customer_id = proof.customer_id
            WHERE
                proof.customer_id = place.customer_id AND proof.field = pin.field AND proof.rule = 'pinned'
                AND pin.given -> pin.field IN (to_jsonb(customer) -> pin.field, to_jsonb(customer) -> pin.field -> 0)
        ) THEN 'stands'
        ELSE 'offered again'
    END AS state
FROM golden.pin
LEFT JOIN LATERAL (
    SELECT was.customer_id FROM identity.membership AS was
    WHERE was.record_id = pin.record_id ORDER BY was.from_sequence DESC LIMIT 1
) AS place ON true;

COMMENT ON VIEW golden.pin_now IS 'Pinned values and what became of each: stands, offered again, waits for a run, withdrawn';

GRANT SELECT ON golden.pin, golden.pin_now TO suki_steward, suki_privacy;
GRANT SELECT ON golden.pin TO suki_resolve;
GRANT INSERT ON golden.pin TO suki_steward;
GRANT UPDATE (withdrawn_at, withdrawn_by, withdrawn_because) ON golden.pin TO suki_steward;
