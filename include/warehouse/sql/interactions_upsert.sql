-- What takes the place of what stood; nobody else writes what is of this source meanwhile.
INSERT INTO staging.interaction (
    record_id, source, stream, source_time, delivered_on, content_hash, deleted, region, manifest_id, $content
)
SELECT record_id, :source, :stream, source_time, delivered_on, content_hash, deleted, region, :manifest_id, $content
FROM pg_temp.latest
WHERE takes_place
ON CONFLICT (record_id) DO UPDATE SET
    source_time = excluded.source_time, delivered_on = excluded.delivered_on, content_hash = excluded.content_hash,
    deleted = excluded.deleted, region = excluded.region, manifest_id = excluded.manifest_id, recorded_at = now(), $updates
