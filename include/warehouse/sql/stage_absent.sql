-- What a full snapshot lacks is deleted as of the snapshot's own date.
--
-- A delivery is followed by the next complete snapshot of its scope. Who is in the one and not in the other has left between them.
-- Both kinds of pairs are looked at here, those whose snapshot is staged now and those whose earlier delivery is, so that it does not
-- matter which of the two arrives first. Presence is judged by what was delivered (the locator): a row that a gate set aside has not
-- left. Being in any delivery of the day is presence, for a customer may have moved from one store's directory to another's. A file that
-- was sent again says nothing any more: its later copy stands in its place, and whom only the first copy held is looked at over all days.
-- A source that counts its keys anew from a day on says with a snapshot nothing of the records before: their numbers are others' now, and
-- nobody said that they left.
CREATE TEMP TABLE absent ON COMMIT DROP AS
WITH counted AS (
    SELECT
        delivery_id, delivered_on, scope, now,
        mode = 'snapshot' AND unkeyed = 0 AS complete,  -- an unreadable row may be anybody's
        (SELECT count(*) FROM unnest(CAST(:restarts AS date [])) AS restart (day) WHERE restart.day <= delivered_on) AS restarted
    FROM pg_temp.known
    WHERE NOT void
),

followed AS (
    SELECT
        delivery_id, delivered_on, scope, now,
        min(delivered_on) FILTER (WHERE complete) OVER (
            PARTITION BY scope, restarted ORDER BY delivered_on GROUPS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS snapshot_on
    FROM counted
),

affected AS (
    SELECT followed.delivery_id, followed.snapshot_on
    FROM followed
    WHERE
        followed.snapshot_on IS NOT NULL
        AND (
            followed.now
            OR EXISTS (
                SELECT FROM counted AS snapshot
                WHERE
                    snapshot.now AND snapshot.complete AND snapshot.delivered_on = followed.snapshot_on
                    AND snapshot.scope IS NOT DISTINCT FROM followed.scope
            )
            -- Or the one between, which they were taken for gone by, is void as of now.
            OR EXISTS (
                SELECT FROM pg_temp.known AS amid
                WHERE
                    amid.void_now AND amid.mode = 'snapshot' AND amid.unkeyed = 0
                    AND amid.scope IS NOT DISTINCT FROM followed.scope
                    AND amid.delivered_on > followed.delivered_on AND amid.delivered_on < followed.snapshot_on
            )
        )
),

left_out AS (
    SELECT DISTINCT locator.record_id, affected.snapshot_on
    FROM affected
    JOIN ops.locator ON locator.delivery_id = affected.delivery_id
    EXCEPT
    SELECT locator.record_id, counted.delivered_on
    FROM counted
    JOIN ops.locator ON locator.delivery_id = counted.delivery_id
    WHERE counted.delivered_on IN (SELECT snapshot_on FROM affected)
),

-- Whom a file no longer holds, because it was sent again: what said that they had not left may have been that file's first copy.
held AS (
    SELECT locator.record_id, locator.delivery_id
    FROM (SELECT DISTINCT record_id FROM pg_temp.withdrawn) AS withdrawn
    JOIN ops.locator ON locator.record_id = withdrawn.record_id
),

left_after_all AS (
    SELECT held.record_id, followed.snapshot_on
    FROM held
    JOIN followed ON followed.delivery_id = held.delivery_id
    WHERE followed.snapshot_on IS NOT NULL
    EXCEPT
    SELECT held.record_id, counted.delivered_on
    FROM held
    JOIN counted ON counted.delivery_id = held.delivery_id
),

missing AS (
    SELECT record_id, snapshot_on FROM left_out
    UNION
    SELECT record_id, snapshot_on FROM left_after_all
)

-- Only of a record that was ever staged can it be said that it is gone.
SELECT missing.record_id, missing.snapshot_on, coalesce(kept.region, told.region) AS region, coalesce(kept.scope, told.scope) AS scope
FROM missing
LEFT JOIN LATERAL (
    SELECT record_version.region, record_version.scope
    FROM staging.record_version
    WHERE record_version.record_id = missing.record_id
    ORDER BY record_version.source_time, record_version.content_hash
    LIMIT 1
) AS kept ON true
LEFT JOIN (
    SELECT DISTINCT ON (record_id) record_id, region, scope FROM pg_temp.told ORDER BY record_id, source_time, content_hash
) AS told ON told.record_id = missing.record_id
WHERE kept.region IS NOT NULL OR told.region IS NOT NULL
