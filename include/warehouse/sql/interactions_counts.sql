SELECT
    count(*) AS staged,
    count(*) FILTER (WHERE latest.deleted) AS deleted
FROM pg_temp.latest
LEFT JOIN staging.interaction AS standing ON standing.record_id = latest.record_id
WHERE
    standing.record_id IS NULL
    OR (
        latest.content_hash <> standing.content_hash
        AND (latest.source_time, latest.delivered_on, latest.copy, latest.cleaning_version, latest.content_hash COLLATE "C")
        > (standing.source_time, standing.delivered_on, standing.copy, standing.cleaning_version, standing.content_hash COLLATE "C")
    )
