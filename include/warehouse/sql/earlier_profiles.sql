-- The latest windows of the same stream that ended before this one began, with at least a hundred rows: a share of a handful says
-- nothing. What counts is when something was delivered, not when it was looked at: running again finds the same.
-- Windows are walked from the newest, so that years of them cost no more than the few that are wanted.
WITH latest AS (
    SELECT landed.manifest_id, landed.window_end, seen.dag_id, seen.run_id
    FROM ops.manifest AS landed
    CROSS JOIN LATERAL (
        SELECT profile.dag_id, profile.run_id
        FROM ops.field_profile AS profile
        WHERE profile.source = :source AND profile.stream = :stream AND profile.manifest_id = landed.manifest_id
            AND profile.rows >= 100
        ORDER BY profile.run_id
        LIMIT 1
    ) AS seen
    WHERE landed.source = :source AND landed.stream = :stream
        AND landed.window_end <= (SELECT window_start FROM ops.manifest WHERE manifest_id = :manifest_id)
    ORDER BY landed.window_end DESC, landed.manifest_id
    LIMIT :runs
)

SELECT profile.field, profile.run_id, profile.rows, profile.filled, profile.patterns
FROM latest
JOIN ops.field_profile AS profile USING (manifest_id, dag_id, run_id)
WHERE profile.source = :source AND profile.stream = :stream
ORDER BY latest.window_end DESC, latest.manifest_id, profile.field
