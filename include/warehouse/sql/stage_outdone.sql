-- Words of the void copy of a file that was sent again, of which its later copy says otherwise for the same moment and day: stored ones
-- when the later copy is told now, told ones when the first copy is.
CREATE TEMP TABLE outdone ON COMMIT DROP AS
WITH corrected AS (
    SELECT locator.record_id, known.delivered_on AS day, bool_or(known.now) AS void_told
    FROM pg_temp.known
    JOIN ops.locator ON locator.delivery_id = known.delivery_id
    WHERE known.void_now
    GROUP BY 1, 2
),

told_of AS (
    SELECT
        told.record_id, told.source_time AS moment, told.delivered_on AS day, corrected.void_told,
        told.content_hash AS hash_told, told.cleaning_version AS told_by, version.content_hash AS hash_stored, word.read_by AS stored_by
    FROM corrected
    JOIN pg_temp.told ON told.record_id = corrected.record_id AND told.delivered_on = corrected.day
    JOIN staging.record_version AS version
        ON version.record_id = told.record_id AND version.content_hash <> told.content_hash
    CROSS JOIN LATERAL (
        SELECT version.source_time, version.delivered_on, version.cleaning_version
        UNION ALL
        SELECT version.confirmed_at, version.confirmed_on, version.confirmed_by
        UNION ALL
        SELECT repeated.moment + (told.delivered_on - repeated.day) * INTERVAL '24 hours', told.delivered_on, repeated.read_by
        FROM unnest(version.repeated_at, version.repeated_on, version.repeated_by, version.repeated_for)
            AS repeated (moment, day, read_by, days)
        WHERE told.delivered_on - repeated.day BETWEEN 0 AND repeated.days - 1
    ) AS word (moment, day, read_by)
    WHERE word.day = told.delivered_on AND word.moment = told.source_time AND NOT (version.deleted AND word.read_by = 0)
)

SELECT DISTINCT record_id, moment, day, CASE WHEN void_told THEN hash_told ELSE hash_stored END AS content_hash
FROM told_of
WHERE void_told OR told_by >= stored_by
