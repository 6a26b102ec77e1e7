-- Versions that stand, repeated later or ending earlier than before.
UPDATE staging.record_version AS version
SET
    confirmed_at = run.confirmed_at, confirmed_on = run.confirmed_on, delivered_on = run.delivered_on,
    repeated_at = run.repeated_at, repeated_on = run.repeated_on
FROM pg_temp.run
WHERE
    run.stands
    AND run.record_id = version.record_id AND run.source_time = version.source_time AND run.content_hash = version.content_hash
    AND (run.confirmed_at, run.confirmed_on, run.delivered_on, run.repeated_at, run.repeated_on)
    IS DISTINCT FROM (
        version.confirmed_at, version.confirmed_on, version.delivered_on, version.repeated_at, version.repeated_on
    )
