SELECT source, stream, stage, reason, count(*) AS rows
FROM staging.quarantine
CROSS JOIN LATERAL unnest(reasons) AS reason
WHERE CAST(:run_id AS text) IS NULL OR run_id = :run_id
GROUP BY source, stream, stage, reason
ORDER BY source, stream, stage, rows DESC, reason
