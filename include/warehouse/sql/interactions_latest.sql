-- The latest word on each interaction in this batch.
CREATE TEMP TABLE latest ON COMMIT DROP AS
SELECT DISTINCT ON (record_id) *
FROM pg_temp.told
ORDER BY record_id, source_time DESC, delivered_on DESC, copy DESC, cleaning_version DESC, content_hash COLLATE "C" DESC, row_no
