UPDATE identity.steward_decision
SET withdrawn_at = now(), withdrawn_by = :actor, withdrawn_because = :reason
WHERE (decision_id = :id OR ruling_id = :id) AND withdrawn_at IS NULL
RETURNING record_a::text, record_b::text
