-- Every decision at some records, the withdrawn too; all of them where no records are named.
SELECT
    decision_id::text, record_a::text, record_b::text, decision, ruling, ruling_id::text, recorded_at, actor, reason,
    withdrawn_at, withdrawn_by, withdrawn_because
FROM identity.steward_decision
WHERE CAST(:ids AS uuid[]) IS NULL OR record_a = ANY(:ids) OR record_b = ANY(:ids)
ORDER BY recorded_at, decision_id
