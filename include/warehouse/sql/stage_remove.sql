-- Versions that no longer begin a run: their word is now inside a longer one.
DELETE FROM staging.record_version AS version
USING pg_temp.before
WHERE
    version.record_id = before.record_id
    AND NOT EXISTS (
        SELECT FROM pg_temp.run
        WHERE
            run.record_id = version.record_id AND run.source_time = version.source_time AND run.content_hash = version.content_hash
    )
