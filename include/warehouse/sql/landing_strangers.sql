-- Records that were not written because their source key stands under another id.
SELECT count(DISTINCT landed.record_id)
FROM pg_temp.landed
WHERE
    landed.record_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM staging.record WHERE record.record_id = landed.record_id)
