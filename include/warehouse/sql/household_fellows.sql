-- Everybody in the households that some customers live in, as they stand, those who are none any more as well.
SELECT DISTINCT fellow.customer_id::text AS customer_id, fellow.household_id::text AS household_id
FROM pg_temp.whose
JOIN golden.household_member AS own ON own.customer_id = whose.customer_id
JOIN golden.household_member AS fellow ON fellow.household_id = own.household_id
