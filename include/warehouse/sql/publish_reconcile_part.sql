-- The same of the touched records. The others did not change, or carry a mark that no run has consumed: a consumed one is of a
-- touched record.
SELECT
    count(*) FILTER (WHERE placed.record_id IS NULL) AS unplaced,
    count(*) FILTER (WHERE live.record_id IS NULL) AS departed
FROM (SELECT DISTINCT record_id FROM pg_temp.touched) AS touched
LEFT JOIN LATERAL (
    SELECT current_record.record_id FROM staging.current_record WHERE current_record.record_id = touched.record_id
) AS live ON true
LEFT JOIN golden.crosswalk AS placed ON placed.record_id = touched.record_id
WHERE
    (live.record_id IS NULL) <> (placed.record_id IS NULL)
    AND NOT EXISTS (SELECT FROM pg_temp.new_apart AS apart WHERE apart.record_id = live.record_id AND placed.record_id IS NULL)
    AND NOT EXISTS (SELECT FROM staging.dirty_record AS mark WHERE mark.record_id = touched.record_id)
