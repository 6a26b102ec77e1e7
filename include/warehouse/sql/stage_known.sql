-- The deliveries of the stream that landings staged before or now brought, and which of them are void: their file was sent again, as a
-- copy beside it (.r2) or in its place, under its own name for its own day with other content.
--
-- Landings from before and after the later copy know of it; which of them is staged first does not matter.
CREATE TEMP TABLE known ON COMMIT DROP AS
WITH told AS (
    SELECT delivery.*, delivery.manifest_id = :manifest_id AS now
    FROM ops.delivery
    WHERE
        delivery.source = :source AND delivery.stream = :stream
        AND (
            delivery.manifest_id = :manifest_id
            OR EXISTS (SELECT FROM ops.staged_manifest WHERE staged_manifest.manifest_id = delivery.manifest_id)
        )
),

copied AS (
    SELECT file, bool_or(now) AS now FROM told WHERE status = 'refused' GROUP BY file
),

standing AS (
    SELECT file, delivered_on, copy, bool_or(now) AS now
    FROM (
        SELECT *, max(copy) OVER (PARTITION BY file, delivered_on) AS last FROM told WHERE status = 'accepted'
    ) AS accepted
    WHERE copy = last
    GROUP BY file, delivered_on, copy
)

SELECT
    told.delivery_id, told.delivered_on, told.mode, told.scope, told.unkeyed, told.now,
    copied.file IS NOT NULL OR told.copy < standing.copy AS void,
    (copied.file IS NOT NULL OR told.copy < standing.copy)
    AND (told.now OR coalesce(copied.now, false) OR told.copy < standing.copy AND standing.now) AS void_now
FROM told
JOIN standing ON standing.file = told.file AND standing.delivered_on = told.delivered_on
LEFT JOIN copied ON copied.file = told.file
WHERE told.status = 'accepted'
