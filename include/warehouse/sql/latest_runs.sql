WITH steps AS (
    SELECT dag_id, run_id, count(*) AS steps, sum(rows_in) FILTER (WHERE step IN ('extract')) AS rows_in,
        sum(quarantined) AS quarantined, max(recorded_at) AS ended_at
    FROM ops.step_count
    GROUP BY dag_id, run_id
),

verdicts AS (
    SELECT dag_id, run_id, count(*) FILTER (WHERE NOT success) AS failed, max(recorded_at) AS ended_at
    FROM ops.quality_result
    GROUP BY dag_id, run_id
),

fields AS (
    SELECT dag_id, run_id, count(*) AS fields FROM ops.drift GROUP BY dag_id, run_id
)

SELECT
    dag_id, run_id, coalesce(steps.steps, 0) AS steps, coalesce(steps.rows_in, 0)::bigint AS rows_in,
    coalesce(steps.quarantined, 0)::bigint AS quarantined, coalesce(verdicts.failed, 0) AS failed_expectations,
    coalesce(fields.fields, 0) AS drifted_fields, greatest(steps.ended_at, verdicts.ended_at) AS ended_at
FROM steps
FULL JOIN verdicts USING (dag_id, run_id)
LEFT JOIN fields USING (dag_id, run_id)
ORDER BY ended_at DESC, dag_id, run_id
LIMIT :limit
