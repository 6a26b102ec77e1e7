-- A later word replaces an earlier one, and a later reading of the same word the earlier reading; so does the same content told later,
-- with all that its row says of its delivery, so that a word between the two, if it arrives last, is known to be old.
INSERT INTO staging.interaction AS standing (
    record_id, source, stream, source_time, delivered_on, content_hash, deleted, region, manifest_id, $content
)
SELECT record_id, :source, :stream, source_time, delivered_on, content_hash, deleted, region, :manifest_id, $content
FROM pg_temp.latest
ON CONFLICT (record_id) DO UPDATE SET
    source_time = excluded.source_time, delivered_on = excluded.delivered_on, content_hash = excluded.content_hash,
    deleted = excluded.deleted, region = excluded.region, manifest_id = excluded.manifest_id, recorded_at = now(), $updates
WHERE
    (excluded.source_time, excluded.delivered_on, excluded.copy, excluded.cleaning_version, excluded.content_hash COLLATE "C")
    > (standing.source_time, standing.delivered_on, standing.copy, standing.cleaning_version, standing.content_hash COLLATE "C")
