SELECT DISTINCT ON (1, 2)
    least(record_a, record_b)::text AS record_a, greatest(record_a, record_b)::text AS record_b, decision, decision_id::text,
    recorded_at, actor, reason
FROM identity.steward_decision
WHERE withdrawn_at IS NULL AND (record_a = ANY(:ids) OR record_b = ANY(:ids))
ORDER BY 1, 2, recorded_at DESC, decision_id
