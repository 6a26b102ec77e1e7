-- The customers who hold these records until now.
CREATE TEMP TABLE borne ON COMMIT DROP AS
SELECT DISTINCT membership.customer_id
FROM pg_temp.seed
JOIN identity.membership ON membership.record_id = seed.record_id AND membership.to_sequence IS NULL
