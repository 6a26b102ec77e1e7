-- What was staged of the very same word: same record, same moment, the same delivery if it still is known.
SELECT *
FROM staging.record_version AS version
WHERE
    version.record_id = told.record_id
    AND (told.source_time IN (version.source_time, version.confirmed_at) OR told.source_time = ANY(version.repeated_at))
ORDER BY
    told.delivered_on IN (version.delivered_on, version.confirmed_on) OR told.delivered_on = ANY(version.repeated_on) DESC,
    version.deleted, version.content_hash COLLATE "C" DESC
LIMIT 1
