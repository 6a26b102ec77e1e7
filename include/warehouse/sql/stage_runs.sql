-- The versions as they must stand now: runs of equal content over all observations.
CREATE TEMP TABLE run ON COMMIT DROP AS
WITH placed AS (
    SELECT
        reading.record_id, coalesce(silence.placed_at, reading.moment) AS moment,
        reading.content_hash, reading.deleted, reading.day, reading.kept, reading.read_by, reading.row_no, reading.reread,
        reading.days
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

ordered AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY record_id, run_no ORDER BY moment, day, read_by) AS place,
        count(*) OVER (PARTITION BY record_id, run_no) AS words
    FROM numbered
),

-- What was said between the first and the last word. A source that has no clock of its own says the same each day: days in a row, dated
-- by the day and read by one cleaning, are kept as the first of them and how many they are.
daily AS (
    SELECT
        record_id, run_no, place, moment, day, read_by, days,
        moment = day::timestamp AT TIME ZONE 'UTC' AND NOT (deleted AND read_by = 0) AS by_the_day
    FROM ordered
    WHERE place > 1 AND place < words
),

rows_of_days AS (
    SELECT
        *,
        count(*) FILTER (WHERE NOT goes_on) OVER (PARTITION BY record_id, run_no ORDER BY place ROWS UNBOUNDED PRECEDING) AS row_of_days
    FROM (
        SELECT
            *,
            by_the_day AND coalesce(
                (lag(by_the_day) OVER earlier) AND (lag(day + days) OVER earlier) = day AND (lag(read_by) OVER earlier) = read_by, false
            ) AS goes_on
        FROM daily
        WINDOW earlier AS (PARTITION BY record_id, run_no ORDER BY place)
    ) AS neighbours
),

between_them AS (
    SELECT
        record_id, run_no,
        array_agg(moment ORDER BY row_of_days) AS moments,
        array_agg(day ORDER BY row_of_days) AS days,
        array_agg(read_by ORDER BY row_of_days) AS readers,
        array_agg(long ORDER BY row_of_days) AS lengths
    FROM (
        SELECT
            record_id, run_no, row_of_days, min(moment) AS moment, min(day) AS day, min(read_by) AS read_by,
            CAST(sum(days) AS integer) AS long
        FROM rows_of_days
        GROUP BY record_id, run_no, row_of_days
    ) AS rows_
    GROUP BY record_id, run_no
),

bounded AS (
    SELECT
        record_id, run_no, content_hash, deleted,
        min(moment) FILTER (WHERE place = 1) AS source_time, min(moment) FILTER (WHERE place = words) AS confirmed_at,
        min(day) FILTER (WHERE place = 1) AS delivered_on, min(day) FILTER (WHERE place = words) AS confirmed_on,
        min(read_by) FILTER (WHERE place = 1) AS cleaning_version, min(read_by) FILTER (WHERE place = words) AS confirmed_by,
        min(kept) FILTER (WHERE place = 1) AS kept,
        min(row_no) FILTER (WHERE place = 1) AS row_no,
        bool_or(reread) FILTER (WHERE place = 1) AS reread
    FROM ordered
    GROUP BY record_id, run_no, content_hash, deleted
)

SELECT
    bounded.record_id, bounded.source_time, bounded.confirmed_at, bounded.delivered_on, bounded.confirmed_on,
    coalesce(between_them.moments, '{}') AS repeated_at, coalesce(between_them.days, '{}') AS repeated_on,
    coalesce(between_them.lengths, '{}') AS repeated_for, bounded.cleaning_version, bounded.confirmed_by,
    coalesce(between_them.readers, '{}') AS repeated_by,
    bounded.content_hash, bounded.deleted, CASE WHEN NOT bounded.reread THEN bounded.kept END AS kept, bounded.row_no, bounded.reread,
    EXISTS (
        SELECT FROM staging.record_version AS version
        WHERE
            version.record_id = bounded.record_id AND version.source_time = bounded.source_time
            AND version.content_hash = bounded.content_hash
    ) AS stands
FROM bounded
LEFT JOIN between_them ON between_them.record_id = bounded.record_id AND between_them.run_no = bounded.run_no
