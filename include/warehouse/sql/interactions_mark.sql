-- Marks for repeat registrations: the accounts whose order or receipt comes, changes, goes, or was another account's.
INSERT INTO staging.order_mark (customer_record_id)
SELECT DISTINCT told.customer_record_id
FROM pg_temp.latest
CROSS JOIN LATERAL (
    VALUES (latest.customer_record_id, latest.interaction_type), (latest.stood_of, latest.stood_as)
) AS told (customer_record_id, interaction_type)
WHERE latest.takes_place AND told.customer_record_id IS NOT NULL AND told.interaction_type IN ('order', 'receipt')
ORDER BY told.customer_record_id
