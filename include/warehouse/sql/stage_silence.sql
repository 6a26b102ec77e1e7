-- What the silence of snapshots said of the records this batch speaks of: each tombstone by absence, whether it stands and as of when.
--
-- A snapshot that lacks a record comes after every word delivered before it. By its own clock a source may date a word later than the
-- day it was delivered on: then the record is gone as of that word. But a delivery from the snapshot's day on that dates the record
-- between the two says that it was there after all, and so the tombstone stays where it does not outweigh it.
--
-- It does not stand where another file of that day holds the record, whatever its own clock dates it: it moved there. Nor where a later
-- snapshot holds it, as it was told before the tombstone: by the source's own clock it never left, and the snapshot between was short. A
-- late word among changes proves no such thing, nor does a file that no gate let through, or that was sent again without the record. Nor does it
-- stand where only the first copy of a file was complete, and so silent of anybody.
CREATE TEMP TABLE silence ON COMMIT DROP AS
WITH gone AS (
    SELECT
        gone.record_id, gone.moment, gone.day,
        max(word.moment) FILTER (WHERE word.moment >= gone.moment AND word.day < gone.day) AS last_said,
        min(word.moment) FILTER (WHERE word.moment >= gone.moment AND word.day >= gone.day) AS said_again,
        bool_or(word.moment < gone.moment AND word.day > gone.day) AS as_before
    FROM pg_temp.reading AS gone
    LEFT JOIN pg_temp.reading AS word ON word.record_id = gone.record_id AND NOT word.deleted
    WHERE gone.deleted AND gone.read_by = 0
    GROUP BY gone.record_id, gone.moment, gone.day
),

held AS (
    SELECT locator.record_id, known.delivered_on, bool_or(known.mode = 'snapshot') AS by_snapshot
    FROM ops.locator
    JOIN pg_temp.known ON known.delivery_id = locator.delivery_id AND NOT known.void
    WHERE locator.record_id IN (SELECT record_id FROM gone)
    GROUP BY locator.record_id, known.delivered_on
),

back AS (
    SELECT DISTINCT gone.record_id, gone.moment
    FROM gone
    JOIN held
        ON held.record_id = gone.record_id
        AND (held.delivered_on = gone.day OR gone.as_before AND held.by_snapshot AND held.delivered_on > gone.day)
),

-- A snapshot that is void said nothing; then another complete one of that day says it, of a scope that held the record before.
unsaid AS (
    SELECT DISTINCT gone.record_id, gone.moment
    FROM gone
    JOIN pg_temp.known AS void
        ON void.delivered_on = gone.day AND void.void AND void.mode = 'snapshot' AND void.unkeyed = 0
    WHERE
        NOT EXISTS (
            SELECT FROM pg_temp.known AS standing
            JOIN pg_temp.known AS earlier ON earlier.scope IS NOT DISTINCT FROM standing.scope
            JOIN ops.locator ON locator.delivery_id = earlier.delivery_id AND locator.record_id = gone.record_id
            WHERE
                standing.delivered_on = gone.day AND NOT standing.void AND standing.mode = 'snapshot' AND standing.unkeyed = 0
                AND earlier.delivered_on < gone.day AND NOT earlier.void
        )
)

SELECT
    gone.record_id, gone.moment, back.record_id IS NULL AND unsaid.record_id IS NULL AS stands,
    CASE WHEN gone.last_said < coalesce(gone.said_again, 'infinity') THEN gone.last_said ELSE gone.moment END AS placed_at
FROM gone
LEFT JOIN back ON back.record_id = gone.record_id AND back.moment = gone.moment
LEFT JOIN unsaid ON unsaid.record_id = gone.record_id AND unsaid.moment = gone.moment
