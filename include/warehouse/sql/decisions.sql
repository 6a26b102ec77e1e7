SELECT DISTINCT ON (1, 2)
    least(record_a, record_b)::text AS record_a, greatest(record_a, record_b)::text AS record_b, decision
FROM identity.steward_decision
WHERE withdrawn_at IS NULL
ORDER BY 1, 2, recorded_at DESC, decision_id
