-- The latest deliveries of the same stream but this one, with at least a hundred rows: a share of a handful says nothing.
WITH latest AS (
    SELECT dag_id, run_id, max(recorded_at) AS at
    FROM ops.field_profile
    WHERE source = :source AND stream = :stream AND (dag_id, run_id) <> (:dag_id, :run_id) AND rows >= 100
    GROUP BY dag_id, run_id
    ORDER BY at DESC
    LIMIT :runs
)

SELECT profile.field, profile.run_id, profile.rows, profile.filled, profile.patterns
FROM latest
JOIN ops.field_profile AS profile USING (dag_id, run_id)
WHERE profile.source = :source AND profile.stream = :stream
ORDER BY latest.at DESC, profile.field
