SELECT record_a::text, record_b::text, decision, decision_id::text, recorded_at, actor, reason
FROM identity.decision_in_force
WHERE record_a = ANY(:ids) OR record_b = ANY(:ids)
ORDER BY 1, 2
