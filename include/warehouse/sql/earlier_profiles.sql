-- The latest windows of the same stream that ended before this one began, with at least a hundred rows: a share of a handful says
-- nothing. What counts is when something was delivered, not when it was looked at: running again finds the same.
WITH profiled AS (
    SELECT DISTINCT ON (profile.manifest_id)
        profile.manifest_id, profile.dag_id, profile.run_id, landed.window_end
    FROM ops.field_profile AS profile
    JOIN ops.manifest AS landed USING (manifest_id)
    WHERE profile.source = :source AND profile.stream = :stream AND profile.rows >= 100
        AND landed.window_end <= (SELECT window_start FROM ops.manifest WHERE manifest_id = :manifest_id)
    ORDER BY profile.manifest_id, profile.run_id
),

latest AS (
    SELECT * FROM profiled ORDER BY window_end DESC, manifest_id LIMIT :runs
)

SELECT profile.field, profile.run_id, profile.rows, profile.filled, profile.patterns
FROM latest
JOIN ops.field_profile AS profile USING (manifest_id, dag_id, run_id)
ORDER BY latest.window_end DESC, latest.manifest_id, profile.field
