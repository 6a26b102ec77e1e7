-- Beside each row told now what was staged of it, and in which fields the two differ.
CREATE TEMP TABLE reread ON COMMIT DROP AS
SELECT
    told.row_no, told.record_id, standing.record_id IS NOT NULL AS known,
    ARRAY(
        SELECT
            field.name || ':' || CASE
                WHEN field.before IS NULL THEN 'filled' WHEN field.after IS NULL THEN 'emptied' ELSE 'other'
            END
        FROM (VALUES $pairs) AS field (name, before, after)
        WHERE $same AND field.before IS DISTINCT FROM field.after
    ) AS differing
FROM pg_temp.told
LEFT JOIN LATERAL (
$standing
) AS standing ON true
