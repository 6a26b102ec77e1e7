SELECT membership.record_id::text, membership.customer_id::text
FROM pg_temp.seed
JOIN identity.membership ON membership.record_id = seed.record_id AND membership.to_sequence IS NULL
ORDER BY 1
