-- What was staged of the very same word: same record, same moment, the same delivery if it still is known.
SELECT *
FROM staging.record_version AS version
WHERE
    version.record_id = told.record_id
    AND (told.source_time IN (version.source_time, version.confirmed_at) OR EXISTS (
        SELECT FROM unnest(version.repeated_at, version.repeated_for) AS repeated (moment, days)
        CROSS JOIN LATERAL generate_series(0, repeated.days - 1) AS after (days)
        WHERE repeated.moment + after.days * INTERVAL '24 hours' = told.source_time
    ))
ORDER BY
    told.delivered_on IN (version.delivered_on, version.confirmed_on) OR EXISTS (
        SELECT FROM unnest(version.repeated_on, version.repeated_for) AS repeated (day, days)
        WHERE told.delivered_on - repeated.day BETWEEN 0 AND repeated.days - 1
    ) DESC,
    version.deleted, version.content_hash COLLATE "C" DESC
LIMIT 1
