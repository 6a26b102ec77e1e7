INSERT INTO golden.refresh_due AS due (customer_id, point, place, state, last_evidence, still_valid, touchpoint, listed_at)
SELECT customer_id, point, place, state, last_evidence, still_valid, touchpoint, :as_of
FROM pg_temp.looked
WHERE state IN ('stale', 'bounced', 'abandoned')
ON CONFLICT (customer_id, point, place) DO UPDATE
SET
    state = excluded.state, last_evidence = excluded.last_evidence, still_valid = excluded.still_valid,
    touchpoint = excluded.touchpoint;
DELETE FROM ops.freshness WHERE day = CAST(:as_of AS date);
INSERT INTO ops.freshness (day, segment, name, point, held, valid, stale, bounced, expected_valid)
SELECT
    CAST(:as_of AS date), part.segment, part.name, looked.point, count(*),
    count(*) FILTER (WHERE looked.state IN ('verified', 'stated')), count(*) FILTER (WHERE looked.state = 'stale'),
    count(*) FILTER (WHERE looked.state = 'bounced'), sum(looked.still_valid)
FROM pg_temp.looked
CROSS JOIN LATERAL (
    VALUES ('all', ''), ('country', coalesce(looked.country, '')), ('store', coalesce(looked.home_store, ''))
) AS part (segment, name)
WHERE looked.point <> 'profile'
GROUP BY part.segment, part.name, looked.point
