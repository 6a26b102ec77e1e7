-- The runs that are new, with the content of the word that begins them: told now, kept from a version that is being split, or none.
INSERT INTO staging.record_version (
    record_id, source_time, confirmed_at, content_hash, delivered_on, confirmed_on, repeated_at, repeated_on,
    repeated_for, cleaning_version, confirmed_by, repeated_by, deleted, source, stream,
    scope, region, purpose, manifest_id, flags, changes, $content
)
SELECT
    run.record_id, run.source_time, run.confirmed_at, run.content_hash, run.delivered_on, run.confirmed_on,
    run.repeated_at, run.repeated_on, run.repeated_for, run.cleaning_version, run.confirmed_by, run.repeated_by, run.deleted,
    :source, :stream, told.scope, told.region, :purpose, :manifest_id, told.flags, told.changes, $told_content
FROM pg_temp.run
JOIN pg_temp.told ON told.row_no = run.row_no
WHERE NOT run.stands AND run.kept IS NULL
UNION ALL
SELECT
    run.record_id, run.source_time, run.confirmed_at, run.content_hash, run.delivered_on, run.confirmed_on,
    run.repeated_at, run.repeated_on, run.repeated_for, run.cleaning_version, run.confirmed_by, run.repeated_by, run.deleted,
    kept.source, kept.stream, kept.scope, kept.region, kept.purpose, kept.manifest_id, kept.flags, kept.changes, $kept_content
FROM pg_temp.run
JOIN staging.record_version AS kept
    ON kept.record_id = run.record_id AND kept.source_time = run.kept AND kept.content_hash = run.content_hash
WHERE NOT run.stands
UNION ALL
SELECT
    run.record_id, run.source_time, run.confirmed_at, run.content_hash, run.delivered_on, run.confirmed_on,
    run.repeated_at, run.repeated_on, run.repeated_for, run.cleaning_version, run.confirmed_by, run.repeated_by, run.deleted,
    :source, :stream, absent.scope, absent.region, :purpose, :manifest_id, NULL, NULL, $no_content
FROM pg_temp.run
JOIN pg_temp.absent ON absent.record_id = run.record_id AND absent.snapshot_on = run.delivered_on
WHERE NOT run.stands AND run.kept IS NULL AND run.row_no IS NULL
