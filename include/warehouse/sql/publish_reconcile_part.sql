-- The same of the touched records. The others did not change, or carry a mark that no run has consumed: a consumed one is of a
-- touched record. Each is looked up by its id: through the view the planner would find out what is current of all records.
SELECT
    count(*) FILTER (WHERE placed.record_id IS NULL) AS unplaced,
    count(*) FILTER (WHERE live.record_id IS NULL) AS departed
FROM (SELECT DISTINCT record_id FROM pg_temp.touched) AS touched
LEFT JOIN LATERAL (
    SELECT now.record_id
    FROM (
        SELECT version.record_id, version.deleted
        FROM staging.record_version AS version
        WHERE version.record_id = touched.record_id
        ORDER BY version.confirmed_at DESC, version.confirmed_on DESC, version.deleted, version.content_hash COLLATE "C" DESC
        LIMIT 1
    ) AS now
    WHERE NOT now.deleted
) AS live ON true
LEFT JOIN golden.crosswalk AS placed ON placed.record_id = touched.record_id
WHERE
    (live.record_id IS NULL) <> (placed.record_id IS NULL)
    AND NOT EXISTS (SELECT FROM pg_temp.new_apart AS apart WHERE apart.record_id = live.record_id AND placed.record_id IS NULL)
    AND NOT EXISTS (SELECT FROM staging.dirty_record AS mark WHERE mark.record_id = touched.record_id)
