-- Days of one weekday are a week apart, so the newest are found by walking back over the key.
SELECT measure, array_agg(figure ORDER BY day DESC) AS figures
FROM (
    SELECT measure, figure, day, row_number() OVER (PARTITION BY measure ORDER BY day DESC) AS place
    FROM ops.measure
    WHERE source = :source AND stream = :stream AND suite = :suite
        AND day < CAST(:day AS date) AND day >= CAST(:day AS date) - 7 * (2 * CAST(:days AS int))
        AND extract(isodow FROM day) = extract(isodow FROM CAST(:day AS date))
) AS earlier
WHERE place <= :days
GROUP BY measure
