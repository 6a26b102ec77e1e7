-- Who said yes until now, and would not any more, alone or as the customer they become.
SELECT $lost
FROM pg_temp.change
JOIN golden.customer AS old ON old.customer_id = change.customer_id
LEFT JOIN pg_temp.new_customer AS new ON new.customer_id = coalesce(change.became, change.customer_id)
-- Who only changed records consents as before.
WHERE new.customer_id IS NULL OR new.row_hash <> old.row_hash
