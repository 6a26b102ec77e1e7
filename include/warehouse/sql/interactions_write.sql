-- What takes the place of what stood, and what is new; nobody else writes what is of this source meanwhile. A row that might be there already
-- takes twice as long to insert.
UPDATE staging.interaction AS standing SET
    source_time = latest.source_time, delivered_on = latest.delivered_on, content_hash = latest.content_hash,
    deleted = latest.deleted, region = latest.region, manifest_id = :manifest_id, recorded_at = now(), $updates
FROM pg_temp.latest
WHERE standing.record_id = latest.record_id AND latest.takes_place AND latest.stood IS NOT NULL;

INSERT INTO staging.interaction (
    record_id, source, stream, source_time, delivered_on, content_hash, deleted, region, manifest_id, $content
)
SELECT record_id, :source, :stream, source_time, delivered_on, content_hash, deleted, region, :manifest_id, $content
FROM pg_temp.latest
WHERE takes_place AND stood IS NULL;
