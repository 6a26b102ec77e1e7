SELECT
    source, stream,
    coalesce(sum(rows_in) FILTER (WHERE step = 'extract'), 0)::bigint AS extracted,
    sum(quarantined)::bigint AS quarantined,
    sum(suppressed)::bigint AS suppressed,
    sum(unchanged)::bigint AS unchanged,
    coalesce(sum(rows_out) FILTER (WHERE step = 'stage'), 0)::bigint AS staged
FROM ops.step_count
WHERE (CAST(:run_ids AS text []) IS NULL OR run_id = ANY(:run_ids)) AND dag_id <> 'replay_quarantine'
GROUP BY source, stream
ORDER BY source, stream
