-- Marks for repeat registrations: the accounts whose order or receipt comes, changes, goes, or was another account's. Before it is kept,
-- for then what it was is not known any more.
INSERT INTO staging.order_mark (customer_record_id)
SELECT DISTINCT told.customer_record_id
FROM pg_temp.latest
LEFT JOIN staging.interaction AS standing ON standing.record_id = latest.record_id
CROSS JOIN LATERAL (
    VALUES (latest.customer_record_id, latest.interaction_type), (standing.customer_record_id, standing.interaction_type)
) AS told (customer_record_id, interaction_type)
WHERE
    told.customer_record_id IS NOT NULL
    AND told.interaction_type IN ('order', 'receipt')
    AND (
        standing.record_id IS NULL
        OR (latest.source_time, latest.delivered_on, latest.copy, latest.cleaning_version, latest.content_hash COLLATE "C")
        > (standing.source_time, standing.delivered_on, standing.copy, standing.cleaning_version, standing.content_hash COLLATE "C")
    )
ORDER BY told.customer_record_id
