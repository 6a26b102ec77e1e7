-- Whom only the first copy of a file spoke of, by the day it was delivered for: when a file is sent again, its first copy is void. Being in
-- any other file of the day keeps what was said that day. Beside them the earlier days on which a file that stands held them.
CREATE TEMP TABLE withdrawn ON COMMIT DROP AS
WITH only_void AS (
    SELECT locator.record_id, known.delivered_on AS day
    FROM pg_temp.known
    JOIN ops.locator ON locator.delivery_id = known.delivery_id
    WHERE known.void_now
    EXCEPT
    SELECT locator.record_id, known.delivered_on
    FROM pg_temp.known
    JOIN ops.locator ON locator.delivery_id = known.delivery_id
    WHERE NOT known.void AND known.delivered_on IN (SELECT delivered_on FROM pg_temp.known WHERE void_now)
),

held AS (
    SELECT only_void.record_id, only_void.day, known.delivered_on AS held_on
    FROM only_void
    JOIN ops.locator ON locator.record_id = only_void.record_id
    JOIN pg_temp.known ON known.delivery_id = locator.delivery_id AND known.delivered_on < only_void.day AND NOT known.void
)

SELECT record_id, day, array_agg(held.held_on) FILTER (WHERE held.held_on IS NOT NULL) AS held_on
FROM only_void
LEFT JOIN held USING (record_id, day)
GROUP BY record_id, day
