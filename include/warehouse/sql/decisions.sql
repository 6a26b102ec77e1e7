SELECT record_a::text, record_b::text, decision
FROM identity.decision_in_force
ORDER BY 1, 2
