-- What can be wrong with a publication in itself, counted; every count must be zero.
WITH held AS (
    SELECT customer_id, count(*) AS records FROM pg_temp.new_member GROUP BY customer_id
)

SELECT
    (
        SELECT count(*) FROM pg_temp.new_customer
        WHERE NOT EXISTS (SELECT FROM held WHERE held.customer_id = new_customer.customer_id)
    ) AS memberless,
    (
        SELECT coalesce(sum(held.records), 0) FROM held
        WHERE NOT EXISTS (SELECT FROM pg_temp.new_customer WHERE new_customer.customer_id = held.customer_id)
    ) AS nobodys,
    (
        SELECT count(*) FROM pg_temp.new_customer
        JOIN held ON held.customer_id = new_customer.customer_id
        WHERE held.records <> new_customer.record_count
    ) AS miscounted,
    (SELECT count(*) - count(DISTINCT record_id) FROM pg_temp.new_member)
    + (SELECT count(*) - count(DISTINCT customer_id) FROM pg_temp.new_customer) AS twice,
    (
        SELECT count(*) FROM pg_temp.new_customer
        WHERE
            NOT EXISTS (SELECT FROM pg_temp.new_minted WHERE new_minted.customer_id = new_customer.customer_id)
            AND NOT EXISTS (SELECT FROM identity.customer_id_ledger AS known WHERE known.customer_id = new_customer.customer_id)
    ) AS unminted,
    (
        SELECT count(*) FROM pg_temp.new_alias
        WHERE NOT EXISTS (SELECT FROM pg_temp.new_customer WHERE new_customer.customer_id = new_alias.became)
    ) AS dangling
