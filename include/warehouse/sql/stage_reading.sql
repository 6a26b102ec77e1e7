-- All observations of the records this batch speaks of, old and new, each as the latest cleaning read it.
--
-- A table of its own, so that the planner can be told what is in it: by its own guess at the end of so long a statement a record has one
-- or two, and it holds every word against every tombstone there is.
CREATE TEMP TABLE reading ON COMMIT DROP AS
WITH early AS (
    -- Since when something is told now of a record. What was withdrawn may be told at any time.
    SELECT record_id, min(moment) AS moment
    FROM (
        SELECT record_id, source_time AS moment FROM pg_temp.told
        UNION ALL
        SELECT record_id, snapshot_on::timestamp AT TIME ZONE 'UTC' FROM pg_temp.absent
        UNION ALL
        SELECT record_id, '-infinity' FROM pg_temp.withdrawn
    ) AS news
    GROUP BY record_id
),

stored AS (
    -- A version that stands is an observation for every moment it was said: the first, those between, the last. Of days in a row
    -- between which nothing is told now, one stands for all.
    SELECT
        record_id, source_time AS moment, delivered_on AS day, cleaning_version AS read_by, content_hash, deleted,
        source_time AS kept, NULL::bigint AS row_no, 1 AS days
    FROM staging.record_version
    WHERE record_id IN (SELECT record_id FROM pg_temp.before)
    UNION ALL
    SELECT record_id, confirmed_at, confirmed_on, confirmed_by, content_hash, deleted, source_time, NULL, 1
    FROM staging.record_version
    WHERE record_id IN (SELECT record_id FROM pg_temp.before)
    UNION ALL
    SELECT
        version.record_id, repeated.moment + one.after * INTERVAL '24 hours', repeated.day + one.after, repeated.read_by,
        version.content_hash, version.deleted, version.source_time, NULL,
        CASE WHEN early.moment <= version.confirmed_at THEN 1 ELSE repeated.days END
    FROM staging.record_version AS version
    LEFT JOIN early ON early.record_id = version.record_id
    CROSS JOIN LATERAL unnest(repeated_at, repeated_on, repeated_by, repeated_for) AS repeated (moment, day, read_by, days)
    CROSS JOIN LATERAL generate_series(
        0, CASE WHEN early.moment <= version.confirmed_at THEN repeated.days - 1 ELSE 0 END
    ) AS one (after)
    WHERE version.record_id IN (SELECT record_id FROM pg_temp.before)
),

observed AS (
    -- What a snapshot's silence said is looked at anew, from the snapshot's own date: see silent.
    SELECT
        record_id, CASE WHEN deleted AND read_by = 0 THEN day::timestamp AT TIME ZONE 'UTC' ELSE moment END AS moment, day, read_by,
        content_hash, deleted, kept, row_no, days
    FROM stored
    UNION ALL
    SELECT record_id, source_time, delivered_on, cleaning_version, content_hash, deleted, NULL, row_no, 1
    FROM pg_temp.told
    UNION ALL
    SELECT record_id, snapshot_on::timestamp AT TIME ZONE 'UTC', snapshot_on, 0, :deleted_hash, true, NULL, NULL, 1
    FROM pg_temp.absent
),

-- What only the void copy of a file said is not said. A word of an earlier moment, by the source's own clock, is one that an earlier file
-- may have told of too, where one that stands held the record since that moment: then it is that file's. Where both copies speak of one
-- moment, it is the later copy's. That the record is gone follows from the files that stand and from no other: see absent. Joined and not
-- asked by NOT EXISTS: the planner takes that to leave one row, for it knows nothing of what comes from a WITH, and plans all that follows
-- for one.
sifted AS (
    SELECT
        observed.record_id, observed.moment, observed.read_by, observed.content_hash, observed.deleted, observed.kept, observed.row_no,
        observed.days,
        CASE
            WHEN observed.deleted AND observed.read_by = 0
                THEN CASE WHEN retold.record_id IS NULL OR absent.record_id IS NOT NULL THEN observed.day END
            WHEN outdone.record_id IS NOT NULL THEN NULL
            WHEN withdrawn.record_id IS NULL THEN observed.day
            WHEN observed.moment < withdrawn.day::timestamp AT TIME ZONE 'UTC'
                THEN (
                    SELECT max(earlier.day)
                    FROM unnest(withdrawn.held_on) AS earlier (day)
                    WHERE earlier.day >= (observed.moment AT TIME ZONE 'UTC')::date
                )
        END AS day
    FROM observed
    LEFT JOIN pg_temp.outdone
        ON outdone.record_id = observed.record_id AND outdone.moment = observed.moment AND outdone.day = observed.day
        AND outdone.content_hash = observed.content_hash
    LEFT JOIN pg_temp.withdrawn ON withdrawn.record_id = observed.record_id AND withdrawn.day = observed.day
    LEFT JOIN (SELECT DISTINCT record_id FROM pg_temp.withdrawn) AS retold ON retold.record_id = observed.record_id
    LEFT JOIN pg_temp.absent ON absent.record_id = observed.record_id AND absent.snapshot_on = observed.day
),

standing AS (
    SELECT * FROM sifted WHERE day IS NOT NULL
),

-- The same said twice for the same moment is said once, by the later delivery; what is stored already is kept as it is, unless a
-- later cleaning has read the word again: then its flags and changes count.
said AS (
    SELECT
        record_id, moment, content_hash, deleted, max(day) AS day, min(kept) AS kept, max(days) AS days,
        (array_agg(read_by ORDER BY day DESC, read_by DESC))[1] AS read_by,
        (array_agg(row_no ORDER BY read_by DESC, day, row_no) FILTER (WHERE row_no IS NOT NULL))[1] AS row_no,
        coalesce(
            max(read_by) FILTER (WHERE row_no IS NOT NULL) > max(read_by) FILTER (WHERE kept IS NOT NULL), false
        ) AS reread
    FROM standing
    GROUP BY record_id, moment, content_hash, deleted
)

-- One word read by two cleanings is what the later one read, whichever was staged first.
SELECT record_id, moment, content_hash, deleted, day, kept, read_by, row_no, reread, days
FROM (
    SELECT *, max(read_by) OVER (PARTITION BY record_id, moment ORDER BY day DESC) AS latest_reading
    FROM said
) AS readings
WHERE read_by = latest_reading
