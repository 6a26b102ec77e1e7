-- An id, who answers to it now, and since when.
SELECT
    known.published_id::text, known.customer_id::text, ledger.minted_at,
    (
        SELECT told.recorded_at FROM golden.customer_change AS told
        WHERE told.customer_id = :id AND told.change <> 'updated'
        ORDER BY told.change_id DESC
        LIMIT 1
    ) AS since
FROM golden.v_customer_id AS known
JOIN identity.customer_id_ledger AS ledger ON ledger.customer_id = known.published_id
WHERE known.published_id = :id
