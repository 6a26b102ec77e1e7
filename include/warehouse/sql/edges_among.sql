-- The published edges with an end among some records, each once.
SELECT edge.record_a::text, edge.record_b::text, weight, probability, band, rule, evidence::text, model_version
FROM pg_temp.seed
JOIN identity.edge ON edge.record_a = seed.record_id
UNION ALL
SELECT edge.record_a::text, edge.record_b::text, weight, probability, band, rule, evidence::text, model_version
FROM pg_temp.seed
JOIN identity.edge ON edge.record_b = seed.record_id
WHERE NOT EXISTS (SELECT FROM pg_temp.seed AS other WHERE other.record_id = edge.record_a)
ORDER BY 1, 2
