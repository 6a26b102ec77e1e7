-- Every pinned value, the withdrawn too; those of one customer where it is named.
SELECT
    pin_id::text, record_id::text, customer_id::text, field, given, overrode, state, recorded_at, actor, reason, withdrawn_at,
    withdrawn_by, withdrawn_because
FROM golden.pin_now
WHERE CAST(:customer AS uuid) IS NULL OR customer_id = :customer
ORDER BY recorded_at, pin_id
