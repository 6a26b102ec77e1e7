-- Marks for resolve: every record whose current version is another one than before, in anything that resolve and survivorship read.
-- A record that is gone and never was seen alive needs nothing. One of which no version is left, because the only file that spoke of it
-- was sent again without it, is gone as a deleted one is.
INSERT INTO staging.dirty_record (record_id, reason)
SELECT
    before.record_id,
    CASE
        WHEN coalesce(after.deleted, true) THEN 'deleted'
        WHEN NOT before.known THEN 'new'
        WHEN before.deleted THEN 'returned'
        WHEN after.content_hash <> before.content_hash THEN 'changed'
        ELSE 'retold'
    END
FROM pg_temp.before
LEFT JOIN LATERAL (
    SELECT *
    FROM staging.record_version
    WHERE record_version.record_id = before.record_id
    ORDER BY confirmed_at DESC, confirmed_on DESC, deleted, content_hash COLLATE "C" DESC
    LIMIT 1
) AS after ON true
WHERE
    (before.content_hash, before.deleted, before.source_time, before.region, before.flags)
    IS DISTINCT FROM (after.content_hash, after.deleted, after.source_time, after.region, after.flags)
    AND NOT (coalesce(after.deleted, true) AND coalesce(before.deleted, true))
ORDER BY before.record_id
