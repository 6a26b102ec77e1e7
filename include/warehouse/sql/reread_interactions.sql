-- Beside each row told now what is staged of the interaction, if that is the same word; of an earlier one nothing is kept to compare with.
CREATE TEMP TABLE reread ON COMMIT DROP AS
SELECT
    told.row_no, told.record_id, standing.record_id IS NOT NULL AS known,
    ARRAY(
        SELECT
            field.name || ':' || CASE
                WHEN field.before IS NULL THEN 'filled' WHEN field.after IS NULL THEN 'emptied' ELSE 'other'
            END
        FROM (VALUES $pairs) AS field (name, before, after)
        WHERE
            (standing.source_time, standing.delivered_on) = (told.source_time, told.delivered_on)
            AND field.before IS DISTINCT FROM field.after
    ) AS differing
FROM pg_temp.told
LEFT JOIN staging.interaction AS standing ON standing.record_id = told.record_id
