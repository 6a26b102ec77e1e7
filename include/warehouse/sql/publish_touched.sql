-- What a publication of a part replaces: the customers who hold the touched records until now, the ids that stand for these or were
-- minted for a touched record, and the pairs of touched records.
DROP TABLE IF EXISTS pg_temp.touched_customer, pg_temp.touched_alias, pg_temp.touched_edge;

CREATE TEMP TABLE touched_customer ON COMMIT DROP AS
SELECT DISTINCT crosswalk.customer_id
FROM pg_temp.touched
JOIN golden.crosswalk ON crosswalk.record_id = touched.record_id;

CREATE TEMP TABLE touched_alias ON COMMIT DROP AS
SELECT alias.customer_id
FROM identity.alias
JOIN pg_temp.touched_customer ON touched_customer.customer_id = alias.became
UNION
SELECT alias.customer_id
FROM pg_temp.touched
JOIN identity.customer_id_ledger AS ledger ON ledger.anchor_record_id = touched.record_id
JOIN identity.alias ON alias.customer_id = ledger.customer_id;

CREATE TEMP TABLE touched_edge ON COMMIT DROP AS
SELECT edge.record_a, edge.record_b
FROM identity.edge
JOIN pg_temp.touched ON touched.record_id = edge.record_a
UNION
SELECT edge.record_a, edge.record_b
FROM identity.edge
JOIN pg_temp.touched ON touched.record_id = edge.record_b;
