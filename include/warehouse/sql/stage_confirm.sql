-- Versions that stand, repeated later or ending earlier than before, or read again by a later cleaning: the same content, with what that
-- cleaning says of it.
UPDATE staging.record_version AS version
SET
    confirmed_at = run.confirmed_at, confirmed_on = run.confirmed_on, delivered_on = run.delivered_on,
    repeated_at = run.repeated_at, repeated_on = run.repeated_on, repeated_for = run.repeated_for,
    cleaning_version = run.cleaning_version, confirmed_by = run.confirmed_by, repeated_by = run.repeated_by,
    flags = CASE WHEN run.reread THEN told.flags ELSE version.flags END,
    changes = CASE WHEN run.reread THEN told.changes ELSE version.changes END,
    region = CASE WHEN run.reread THEN told.region ELSE version.region END
FROM pg_temp.run
LEFT JOIN pg_temp.told ON told.row_no = run.row_no
WHERE
    run.stands
    AND run.record_id = version.record_id AND run.source_time = version.source_time AND run.content_hash = version.content_hash
    AND (
        run.reread
        OR (
            run.confirmed_at, run.confirmed_on, run.delivered_on, run.repeated_at, run.repeated_on,
            run.repeated_for, run.cleaning_version, run.confirmed_by, run.repeated_by
        )
        IS DISTINCT FROM (
            version.confirmed_at, version.confirmed_on, version.delivered_on, version.repeated_at, version.repeated_on,
            version.repeated_for, version.cleaning_version, version.confirmed_by, version.repeated_by
        )
    )
