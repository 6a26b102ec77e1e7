-- The versions as they must stand now: runs of equal content over all observations, old and new.
CREATE TEMP TABLE run ON COMMIT DROP AS
WITH stored AS (
    -- A version that stands is an observation for every moment it was said: the first, those between, the last.
    SELECT
        record_id, source_time AS moment, delivered_on AS day, cleaning_version AS read_by, content_hash, deleted,
        source_time AS kept, NULL::bigint AS row_no
    FROM staging.record_version
    WHERE record_id IN (SELECT record_id FROM pg_temp.before)
    UNION ALL
    SELECT record_id, confirmed_at, confirmed_on, confirmed_by, content_hash, deleted, source_time, NULL
    FROM staging.record_version
    WHERE record_id IN (SELECT record_id FROM pg_temp.before)
    UNION ALL
    SELECT record_id, repeated.moment, repeated.day, repeated.read_by, content_hash, deleted, source_time, NULL
    FROM staging.record_version
    CROSS JOIN LATERAL unnest(repeated_at, repeated_on, repeated_by) AS repeated (moment, day, read_by)
    WHERE record_id IN (SELECT record_id FROM pg_temp.before)
),

observed AS (
    -- What a snapshot's silence said is looked at anew, from the snapshot's own date: see silent.
    SELECT
        record_id, CASE WHEN deleted AND read_by = 0 THEN day::timestamp AT TIME ZONE 'UTC' ELSE moment END AS moment, day, read_by,
        content_hash, deleted, kept, row_no
    FROM stored
    UNION ALL
    SELECT record_id, source_time, delivered_on, cleaning_version, content_hash, deleted, NULL, row_no
    FROM pg_temp.told
    UNION ALL
    SELECT record_id, snapshot_on::timestamp AT TIME ZONE 'UTC', snapshot_on, 0, :deleted_hash, true, NULL, NULL
    FROM pg_temp.absent
),

-- What only the void copy of a file said is not said. An earlier moment, by the source's own clock, other files may have told of too;
-- where both copies speak of one moment, it is the later copy's. Joined and not asked by NOT EXISTS: the planner takes that to leave one
-- row, for it knows nothing of what comes from a WITH, and plans all that follows for one.
standing AS (
    SELECT observed.*
    FROM observed
    LEFT JOIN pg_temp.outdone
        ON outdone.record_id = observed.record_id AND outdone.moment = observed.moment AND outdone.day = observed.day
        AND outdone.content_hash = observed.content_hash
    LEFT JOIN pg_temp.withdrawn ON withdrawn.record_id = observed.record_id AND withdrawn.day = observed.day
    WHERE
        CASE
            WHEN outdone.record_id IS NOT NULL THEN false
            WHEN withdrawn.record_id IS NULL OR observed.deleted THEN true
            ELSE observed.moment < withdrawn.day::timestamp AT TIME ZONE 'UTC'
        END
),

-- The same said twice for the same moment is said once, by the later delivery; what is stored already is kept as it is, unless a
-- later cleaning has read the word again: then its flags and changes count.
said AS (
    SELECT
        record_id, moment, content_hash, deleted, max(day) AS day, min(kept) AS kept,
        (array_agg(read_by ORDER BY day DESC, read_by DESC))[1] AS read_by,
        (array_agg(row_no ORDER BY read_by DESC, day, row_no) FILTER (WHERE row_no IS NOT NULL))[1] AS row_no,
        coalesce(
            max(read_by) FILTER (WHERE row_no IS NOT NULL) > max(read_by) FILTER (WHERE kept IS NOT NULL), false
        ) AS reread
    FROM standing
    GROUP BY record_id, moment, content_hash, deleted
),

-- One word read by two cleanings is what the later one read, whichever was staged first.
read AS (
    SELECT *
    FROM (
        SELECT *, max(read_by) OVER (PARTITION BY record_id, moment ORDER BY day DESC) AS latest_reading
        FROM said
    ) AS readings
    WHERE read_by = latest_reading
),

-- A snapshot that lacks a record comes after every word delivered before it. By its own clock a source may date a word later than the
-- day it was delivered on: then the record is gone as of that word. But a delivery from the snapshot's day on that dates the record
-- between the two says that it was there after all, and so the tombstone stays where it does not outweigh it.
silent AS (
    SELECT
        gone.record_id, gone.moment,
        max(word.moment) FILTER (WHERE word.day < gone.day) AS last_said,
        min(word.moment) FILTER (WHERE word.day >= gone.day) AS said_again
    FROM read AS gone
    JOIN read AS word ON word.record_id = gone.record_id AND NOT word.deleted AND word.moment >= gone.moment
    WHERE gone.deleted AND gone.read_by = 0
    GROUP BY gone.record_id, gone.moment
),

-- A later snapshot that holds the record, as it was told before the tombstone: by the source's own clock it never left, and the snapshot
-- between was short. A late word among changes proves no such thing.
back AS (
    SELECT DISTINCT gone.record_id, gone.moment
    FROM read AS gone
    JOIN read AS word ON word.record_id = gone.record_id AND NOT word.deleted AND word.moment < gone.moment AND word.day > gone.day
    WHERE
        gone.deleted AND gone.read_by = 0
        AND EXISTS (
            SELECT FROM ops.locator
            JOIN ops.delivery ON delivery.delivery_id = locator.delivery_id
            WHERE
                locator.record_id = gone.record_id AND delivery.delivered_on > gone.day
                AND delivery.mode = 'snapshot' AND delivery.status = 'accepted'
        )
),

placed AS (
    SELECT
        read.record_id,
        CASE
            WHEN read.deleted AND read.read_by = 0 AND silent.last_said < coalesce(silent.said_again, 'infinity') THEN silent.last_said
            ELSE read.moment
        END AS moment,
        read.content_hash, read.deleted, read.day, read.kept, read.read_by, read.row_no, read.reread
    FROM read
    LEFT JOIN silent ON silent.record_id = read.record_id AND silent.moment = read.moment
    WHERE
        NOT (read.deleted AND read.read_by = 0)
        OR NOT EXISTS (SELECT FROM back WHERE back.record_id = read.record_id AND back.moment = read.moment)
),

-- Said to be gone and, in that delivery or a later one, to be there at that very moment: there. (So a tombstone by absence goes when
-- the record turns up in a late file of the day.)
credible AS (
    SELECT *
    FROM (
        SELECT *, max(day) FILTER (WHERE NOT deleted) OVER (PARTITION BY record_id, moment) AS there_on
        FROM placed
    ) AS judged
    WHERE NOT deleted OR there_on IS NULL OR there_on < day
),

turns AS (
    SELECT
        *,
        content_hash IS DISTINCT FROM lag(content_hash) OVER (
            PARTITION BY record_id ORDER BY moment, day, NOT deleted, content_hash COLLATE "C"
        ) AS turn
    FROM credible
),

numbered AS (
    SELECT
        *,
        count(*) FILTER (WHERE turn) OVER (
            PARTITION BY record_id ORDER BY moment, day, NOT deleted, content_hash COLLATE "C" ROWS UNBOUNDED PRECEDING
        ) AS run_no
    FROM turns
),

bounded AS (
    SELECT
        record_id, content_hash, deleted,
        array_agg(moment ORDER BY moment, day, read_by) AS moments,
        array_agg(day ORDER BY moment, day, read_by) AS days,
        array_agg(read_by ORDER BY moment, day, read_by) AS readers,
        (array_agg(kept ORDER BY moment, day, read_by))[1] AS kept,
        (array_agg(row_no ORDER BY moment, day, read_by))[1] AS row_no,
        (array_agg(reread ORDER BY moment, day, read_by))[1] AS reread
    FROM numbered
    GROUP BY record_id, run_no, content_hash, deleted
)

SELECT
    bounded.record_id, bounded.moments[1] AS source_time, bounded.moments[cardinality(bounded.moments)] AS confirmed_at,
    bounded.days[1] AS delivered_on, bounded.days[cardinality(bounded.days)] AS confirmed_on,
    bounded.moments[2 : cardinality(bounded.moments) - 1] AS repeated_at,
    bounded.days[2 : cardinality(bounded.days) - 1] AS repeated_on,
    bounded.readers[1] AS cleaning_version, bounded.readers[cardinality(bounded.readers)] AS confirmed_by,
    bounded.readers[2 : cardinality(bounded.readers) - 1] AS repeated_by,
    bounded.content_hash, bounded.deleted, CASE WHEN NOT bounded.reread THEN bounded.kept END AS kept, bounded.row_no, bounded.reread,
    EXISTS (
        SELECT FROM staging.record_version AS version
        WHERE
            version.record_id = bounded.record_id AND version.source_time = bounded.moments[1]
            AND version.content_hash = bounded.content_hash
    ) AS stands
FROM bounded
