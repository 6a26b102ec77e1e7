-- Whom only the first copy of a file spoke of, by the day it was delivered for: when a file is sent again, its first copy is void. Being in
-- any other file of the day keeps what was said that day.
CREATE TEMP TABLE withdrawn ON COMMIT DROP AS
SELECT locator.record_id, known.delivered_on AS day
FROM pg_temp.known
JOIN ops.locator ON locator.delivery_id = known.delivery_id
WHERE known.void_now
EXCEPT
SELECT locator.record_id, known.delivered_on
FROM pg_temp.known
JOIN ops.locator ON locator.delivery_id = known.delivery_id
WHERE NOT known.void AND known.delivered_on IN (SELECT delivered_on FROM pg_temp.known WHERE void_now)
