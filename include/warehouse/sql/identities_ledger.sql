SELECT ledger.customer_id::text, ledger.anchor_record_id::text, ledger.minted_at
FROM pg_temp.at_stake
JOIN identity.customer_id_ledger AS ledger ON ledger.customer_id = at_stake.customer_id
ORDER BY ledger.minted_at, ledger.customer_id
