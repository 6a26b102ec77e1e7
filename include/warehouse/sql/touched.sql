-- Everything that may become another customer with these records: whom they match, who is one customer with them until now, who
-- bears the id that was minted for one of them, and whom a steward joined with them. As far as it leads.
WITH RECURSIVE reached (record_id) AS (
    SELECT record_id FROM pg_temp.seed
    UNION
    SELECT beside.record_id
    FROM reached
    CROSS JOIN LATERAL (
        SELECT edge.record_b AS record_id FROM identity.edge
        WHERE edge.record_a = reached.record_id AND edge.band = 'match'
        UNION ALL
        SELECT edge.record_a FROM identity.edge
        WHERE edge.record_b = reached.record_id AND edge.band = 'match'
        UNION ALL
        SELECT fellow.record_id FROM golden.crosswalk AS own
        JOIN golden.crosswalk AS fellow ON fellow.customer_id = own.customer_id
        WHERE own.record_id = reached.record_id
        UNION ALL
        SELECT bearer.record_id FROM identity.customer_id_ledger AS ledger
        JOIN golden.crosswalk AS bearer ON bearer.customer_id = ledger.customer_id
        WHERE ledger.anchor_record_id = reached.record_id
        UNION ALL
        SELECT joined.record_b FROM pg_temp.joined
        WHERE joined.record_a = reached.record_id
        UNION ALL
        SELECT joined.record_a FROM pg_temp.joined
        WHERE joined.record_b = reached.record_id
    ) AS beside
)

SELECT record_id::text FROM reached ORDER BY record_id
