-- The current version of every record this batch speaks of, as it was before. It also speaks of whoever was taken for gone as of a day it
-- brings a file of, and is in that file: their row may be one that a gate set aside. And of whoever was taken for gone by a snapshot that is void now.
CREATE TEMP TABLE before ON COMMIT DROP AS
WITH touched AS (
    SELECT record_id FROM pg_temp.told
    UNION
    SELECT record_id FROM pg_temp.absent
    UNION
    SELECT record_id FROM pg_temp.withdrawn
    UNION
    SELECT locator.record_id
    FROM ops.locator
    JOIN pg_temp.known ON known.delivery_id = locator.delivery_id
    JOIN staging.record_version AS gone
        ON gone.record_id = locator.record_id AND gone.deleted
        AND known.delivered_on BETWEEN gone.delivered_on AND gone.confirmed_on
    -- Named one by one: of a delivery it would have to look up, the planner believes that it holds as much as the first load.
    WHERE locator.delivery_id = ANY(CAST(:deliveries AS uuid []))
    UNION
    SELECT record_id FROM staging.record_version
    WHERE
        $unsaid AND deleted AND cleaning_version = 0 AND source = :source AND stream = :stream
        AND delivered_on = ANY(CAST(:unsaid AS date []))
)

SELECT
    touched.record_id, latest.content_hash, latest.deleted, latest.source_time, latest.region, latest.flags,
    latest.record_id IS NOT NULL AS known
FROM touched
LEFT JOIN LATERAL (
    SELECT *
    FROM staging.record_version
    WHERE record_version.record_id = touched.record_id
    -- The order of staging.latest_version, of one record.
    ORDER BY confirmed_at DESC, confirmed_on DESC, deleted, content_hash COLLATE "C" DESC
    LIMIT 1
) AS latest ON true
