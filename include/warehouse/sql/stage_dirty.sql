-- Marks for resolve: every record whose current version is another one than before, in anything that resolve and survivorship read.
-- A record that is gone and never was seen alive needs nothing. One of which no version is left, because the only file that spoke of it
-- was sent again without it, is gone as a deleted one is. Where no version tells any more what it said, that is 'taken back': who goes by
-- what was said before has to look elsewhere.
INSERT INTO staging.dirty_record (record_id, reason)
SELECT
    before.record_id,
    CASE
        WHEN after.record_id IS NULL THEN 'deleted'
        WHEN before.known AND NOT before.deleted AND NOT kept.it THEN 'taken back'
        WHEN after.deleted THEN 'deleted'
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
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM staging.record_version AS version
        WHERE
            version.record_id = before.record_id AND version.content_hash = before.content_hash
            AND version.region IS NOT DISTINCT FROM before.region
    ) AS it
) AS kept
WHERE
    (before.content_hash, before.deleted, before.source_time, before.region, before.flags)
    IS DISTINCT FROM (after.content_hash, after.deleted, after.source_time, after.region, after.flags)
    AND NOT (coalesce(after.deleted, true) AND coalesce(before.deleted, true))
ORDER BY before.record_id
