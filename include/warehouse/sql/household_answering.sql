-- Every published id that may be one of these customers now: their own, those minted for one of their records, and those that became
-- theirs. Who answers to it the view says; this is so that it need not be asked of all.
DROP TABLE IF EXISTS pg_temp.answering;

CREATE TEMP TABLE answering ON COMMIT DROP AS
SELECT scope.customer_id AS published_id FROM pg_temp.scope
UNION
SELECT ledger.customer_id
FROM pg_temp.scope
JOIN golden.crosswalk AS placed ON placed.customer_id = scope.customer_id
JOIN identity.customer_id_ledger AS ledger ON ledger.anchor_record_id = placed.record_id
UNION
SELECT alias.customer_id
FROM pg_temp.scope
JOIN identity.alias ON alias.became = scope.customer_id;

ANALYZE pg_temp.answering;
