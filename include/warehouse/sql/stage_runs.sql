-- The versions as they must stand now: runs of equal content over all observations.
CREATE TEMP TABLE run ON COMMIT DROP AS
WITH placed AS (
    SELECT
        reading.record_id, coalesce(silence.placed_at, reading.moment) AS moment,
        reading.content_hash, reading.deleted, reading.day, reading.kept, reading.read_by, reading.row_no, reading.reread
    FROM pg_temp.reading
    LEFT JOIN pg_temp.silence
        ON reading.deleted AND reading.read_by = 0 AND silence.record_id = reading.record_id AND silence.moment = reading.moment
    WHERE silence.stands IS NOT false
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
