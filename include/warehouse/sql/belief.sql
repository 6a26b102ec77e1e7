-- The newest publication by a moment, and who answered to an id then.
WITH run AS (
    SELECT sequence, recorded_at FROM ops.resolve_run
    WHERE status = 'published' AND recorded_at <= :moment
    ORDER BY sequence DESC
    LIMIT 1
)

SELECT
    run.sequence, run.recorded_at,
    (
        SELECT coalesce(told.became, told.customer_id)::text FROM golden.customer_change AS told
        WHERE told.customer_id = :id AND told.change <> 'updated' AND told.sequence <= run.sequence
        ORDER BY told.change_id DESC
        LIMIT 1
    ) AS customer_id
FROM (SELECT 1) AS once
LEFT JOIN run ON true
