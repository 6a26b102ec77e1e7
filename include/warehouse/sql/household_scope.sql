-- The ties and households that may differ: those that customers in scope have, and the ties they have from now on.
DROP TABLE IF EXISTS pg_temp.scope_tie, pg_temp.scope_household;

CREATE TEMP TABLE scope_tie ON COMMIT DROP AS
SELECT old.customer_a, old.customer_b
FROM pg_temp.scope
JOIN golden.household_tie AS old ON old.customer_a = scope.customer_id
UNION
SELECT old.customer_a, old.customer_b
FROM pg_temp.scope
JOIN golden.household_tie AS old ON old.customer_b = scope.customer_id
UNION
SELECT customer_a, customer_b FROM pg_temp.new_tie;

CREATE TEMP TABLE scope_household ON COMMIT DROP AS
SELECT DISTINCT old.household_id
FROM pg_temp.scope
JOIN golden.household_member AS old ON old.customer_id = scope.customer_id;

ANALYZE pg_temp.scope_tie;

ANALYZE pg_temp.scope_household;
