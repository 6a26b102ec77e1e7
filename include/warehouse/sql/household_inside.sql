-- The ties inside the households that some customers live in, as they stand.
SELECT tie.customer_a::text AS customer_a, tie.customer_b::text AS customer_b, tie.evidence, tie.worth
FROM (
    SELECT DISTINCT own.household_id
    FROM pg_temp.whose
    JOIN golden.household_member AS own ON own.customer_id = whose.customer_id
) AS home
JOIN golden.household_tie AS tie ON tie.household_id = home.household_id
