SELECT
    count(*) FILTER (
        WHERE NOT EXISTS (
            SELECT FROM staging.record_version AS version
            WHERE version.record_id = held.record_id AND version.delivered_on < :day
        )
    )::double precision / nullif(count(*), 0) AS share
FROM (
    SELECT DISTINCT locator.record_id
    FROM ops.delivery
    JOIN ops.locator USING (delivery_id)
    WHERE delivery.manifest_id = ANY (CAST(:manifests AS uuid []))
) AS held
