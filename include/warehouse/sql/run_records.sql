CREATE TEMP TABLE audited ON COMMIT DROP AS SELECT $columns FROM staging.current_record AS now WITH NO DATA;
INSERT INTO pg_temp.audited
SELECT $columns
FROM (
    SELECT DISTINCT locator.record_id
    FROM ops.delivery
    JOIN ops.locator USING (delivery_id)
    WHERE delivery.manifest_id = ANY (CAST(:manifests AS uuid []))
) AS told
JOIN staging.current_record AS now USING (record_id);
ANALYZE pg_temp.audited
