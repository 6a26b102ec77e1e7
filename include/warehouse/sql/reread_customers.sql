-- Beside each row told now what was staged of the very same word: same record, same moment, the same delivery if it still is known.
CREATE TEMP TABLE reread ON COMMIT DROP AS
SELECT
    told.row_no, told.record_id, standing.record_id IS NOT NULL AS known,
    ARRAY(
        SELECT
            field.name || ':' || CASE
                WHEN field.before IS NULL THEN 'filled' WHEN field.after IS NULL THEN 'emptied' ELSE 'other'
            END
        FROM (VALUES $pairs) AS field (name, before, after)
        WHERE standing.record_id IS NOT NULL AND field.before IS DISTINCT FROM field.after
    ) AS differing
FROM pg_temp.told
LEFT JOIN LATERAL (
    SELECT *
    FROM staging.record_version AS version
    WHERE
        version.record_id = told.record_id
        AND (told.source_time IN (version.source_time, version.confirmed_at) OR told.source_time = ANY(version.repeated_at))
    ORDER BY
        told.delivered_on IN (version.delivered_on, version.confirmed_on) OR told.delivered_on = ANY(version.repeated_on) DESC,
        version.deleted, version.content_hash COLLATE "C" DESC
    LIMIT 1
) AS standing ON true
