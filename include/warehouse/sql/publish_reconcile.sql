-- Every live record but those set apart has its one customer, and nobody else has one; but for records that changed since this run
-- read them, and so still carry a mark. One statement, so one moment.
SELECT
    count(*) FILTER (WHERE placed.record_id IS NULL) AS unplaced,
    count(*) FILTER (WHERE live.record_id IS NULL) AS departed
FROM (SELECT record_id FROM staging.current_record) AS live
FULL JOIN golden.crosswalk AS placed ON placed.record_id = live.record_id
WHERE
    (live.record_id IS NULL OR placed.record_id IS NULL)
    AND NOT EXISTS (SELECT FROM pg_temp.new_apart AS apart WHERE apart.record_id = live.record_id AND placed.record_id IS NULL)
    AND NOT EXISTS (SELECT FROM staging.dirty_record AS mark WHERE mark.record_id = coalesce(live.record_id, placed.record_id))
