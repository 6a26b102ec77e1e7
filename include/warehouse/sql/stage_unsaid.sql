-- Days of which a full snapshot is void as of now, and whose later copy is not complete: what its silence said is said by nobody any more.
SELECT DISTINCT void.delivered_on
FROM pg_temp.known AS void
WHERE
    void.void_now AND void.mode = 'snapshot' AND void.unkeyed = 0
    AND NOT EXISTS (
        SELECT FROM pg_temp.known AS standing
        WHERE
            NOT standing.void AND standing.mode = 'snapshot' AND standing.unkeyed = 0
            AND standing.delivered_on = void.delivered_on AND standing.scope IS NOT DISTINCT FROM void.scope
    )
