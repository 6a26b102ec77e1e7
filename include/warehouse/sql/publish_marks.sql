-- Exactly the marks this run took into account: one made meanwhile stays for the next.
DELETE FROM staging.dirty_record USING pg_temp.new_mark WHERE new_mark.mark_id = dirty_record.mark_id;
