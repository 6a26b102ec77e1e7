-- Identity as the runs before left it, the latest first.
SELECT run_figure.field, run_figure.good, run_figure.whole, run_figure.dimension, run_figure.source, earlier.recorded_at AS as_of
FROM ops.run_figure
JOIN (
    SELECT dag_id, run_id, max(recorded_at) AS recorded_at
    FROM ops.run_figure
    WHERE source = :source AND stream = :stream AND NOT (dag_id = :dag_id AND run_id = :run_id)
    GROUP BY dag_id, run_id
    HAVING max(recorded_at) < (SELECT max(recorded_at) FROM ops.run_figure WHERE dag_id = :dag_id AND run_id = :run_id)
    ORDER BY 3 DESC
    LIMIT :runs
) AS earlier ON earlier.dag_id = run_figure.dag_id AND earlier.run_id = run_figure.run_id
WHERE run_figure.source = :source AND run_figure.stream = :stream
ORDER BY earlier.recorded_at DESC, run_figure.field
