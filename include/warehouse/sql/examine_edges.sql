SELECT record_a::text, record_b::text, weight, probability, band, rule, evidence::text, model_version
FROM identity.edge
WHERE record_a = ANY(:ids)
UNION
SELECT record_a::text, record_b::text, weight, probability, band, rule, evidence::text, model_version
FROM identity.edge
WHERE record_b = ANY(:ids)
ORDER BY record_a, record_b
