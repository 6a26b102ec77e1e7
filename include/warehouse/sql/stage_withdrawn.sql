-- Whom only the first copy of a file spoke of, by the day it was delivered for: when a file is sent again, its first copy is void.
--
-- Landings of the day from before and after the second copy know of it; which of them is staged first does not matter. Being in any
-- other file of the day keeps what was said that day.
CREATE TEMP TABLE withdrawn ON COMMIT DROP AS
WITH known AS (
    SELECT
        delivery.delivery_id, delivery.file, delivery.delivered_on, delivery.status,
        delivery.manifest_id = :manifest_id AS now
    FROM ops.delivery
    WHERE
        delivery.source = :source AND delivery.stream = :stream
        AND (
            delivery.manifest_id = :manifest_id
            OR EXISTS (SELECT FROM ops.staged_manifest WHERE staged_manifest.manifest_id = delivery.manifest_id)
        )
),

void AS (
    SELECT taken.delivery_id, taken.delivered_on, taken.now OR replaced.now AS now
    FROM known AS taken
    JOIN (SELECT file, bool_or(now) AS now FROM known WHERE status = 'refused' GROUP BY file) AS replaced ON replaced.file = taken.file
    WHERE taken.status = 'accepted'
)

SELECT locator.record_id, void.delivered_on AS day
FROM void
JOIN ops.locator ON locator.delivery_id = void.delivery_id
WHERE void.now
EXCEPT
SELECT locator.record_id, known.delivered_on
FROM known
JOIN ops.locator ON locator.delivery_id = known.delivery_id
WHERE
    known.status = 'accepted'
    AND known.delivered_on IN (SELECT delivered_on FROM void WHERE now)
    AND NOT EXISTS (SELECT FROM void WHERE void.delivery_id = known.delivery_id)
