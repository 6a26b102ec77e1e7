-- Versions that no longer begin a run: their word is now inside a longer one. Where it is lost with them, and a run is yet to come
-- that may have to know what was said before, that is marked.
WITH removed AS (
    DELETE FROM staging.record_version AS version
    USING pg_temp.before
    WHERE
        version.record_id = before.record_id
        AND NOT EXISTS (
            SELECT FROM pg_temp.run
            WHERE
                run.record_id = version.record_id AND run.source_time = version.source_time
                AND run.content_hash = version.content_hash
        )
    RETURNING version.record_id, version.content_hash
)

INSERT INTO staging.dirty_record (record_id, reason)
SELECT DISTINCT removed.record_id, 'taken back'
FROM removed
WHERE
    NOT EXISTS (SELECT FROM pg_temp.run WHERE run.record_id = removed.record_id AND run.content_hash = removed.content_hash)
    AND EXISTS (SELECT FROM staging.dirty_record AS mark WHERE mark.record_id = removed.record_id)
