-- How far the interactions that were just told fit what is known, by store: whose they are, and when they were.
SELECT coalesce(told.scope, '') AS scope, watched.field, count(*) FILTER (WHERE watched.fits) AS good, count(*) AS whole
FROM pg_temp.told
LEFT JOIN staging.record ON record.record_id = told.customer_record_id
CROSS JOIN LATERAL (
    VALUES
    ('customer_key', told.customer_record_id IS NOT NULL, record.record_id IS NOT NULL),
    ('occurred_at', told.occurred_at IS NOT NULL, told.occurred_at < told.delivered_on + interval '2 days')
) AS watched (field, there, fits)
WHERE NOT told.deleted AND watched.there
GROUP BY 1, 2
