-- A day that was run several times counts once, by its latest run.
SELECT scope, dimension, field, good, whole
FROM (
    SELECT DISTINCT ON (day, scope, dimension, field) day, scope, dimension, field, good, whole
    FROM ops.run_figure
    WHERE source = :source AND stream = :stream
        AND day < CAST(:day AS date) AND day >= CAST(:day AS date) - 7 * CAST(:days AS int)
        AND extract(isodow FROM day) = extract(isodow FROM CAST(:day AS date))
    ORDER BY day DESC, scope, dimension, field, recorded_at DESC
) AS earlier
ORDER BY day DESC
