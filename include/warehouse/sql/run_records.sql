-- The records of some deliveries as they are now. Each is looked up by its id: through the view the planner would find out what is current of
-- all records.
CREATE TEMP TABLE audited ON COMMIT DROP AS SELECT $columns FROM staging.record_version AS now WITH NO DATA;
INSERT INTO pg_temp.audited
SELECT $columns
FROM (
    SELECT DISTINCT record_id FROM ops.locator WHERE delivery_id = ANY (CAST(:deliveries AS uuid []))
) AS told
CROSS JOIN LATERAL (
    SELECT *
    FROM staging.record_version AS version
    WHERE version.record_id = told.record_id
    ORDER BY version.confirmed_at DESC, version.confirmed_on DESC, version.deleted, version.content_hash COLLATE "C" DESC
    LIMIT 1
) AS now
WHERE NOT now.deleted;
ANALYZE pg_temp.audited
