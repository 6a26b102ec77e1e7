SELECT
    now.record_id::text, now.source, now.stream, now.scope, now.region, now.source_time, first.first_source_time, now.flags,
    wrote.mentioned_email_keys, $content
FROM staging.current_record AS now
JOIN (
    SELECT record_id, min(source_time) AS first_source_time FROM staging.record_version GROUP BY record_id
) AS first ON first.record_id = now.record_id
LEFT JOIN (
    SELECT interaction.customer_record_id, array_agg(DISTINCT one COLLATE "C") AS mentioned_email_keys
    FROM staging.interaction, unnest(interaction.mentioned_email_keys) AS one
    WHERE interaction.mentioned_email_keys <> '{}'
    GROUP BY interaction.customer_record_id
) AS wrote ON wrote.customer_record_id = now.record_id
ORDER BY now.record_id
