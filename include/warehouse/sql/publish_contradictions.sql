-- What can be wrong with a publication in itself, counted; every count must be zero.
WITH held AS (
    SELECT customer_id, count(*) AS records FROM pg_temp.new_member GROUP BY customer_id
),

-- In one pass: rows of customers are wide, and there may be as many as there are customers.
named AS (
    SELECT
        count(*) FILTER (WHERE held.customer_id IS NULL) AS memberless,
        coalesce(sum(held.records) FILTER (WHERE new.customer_id IS NULL), 0) AS nobodys,
        count(*) FILTER (WHERE held.records <> new.record_count) AS miscounted,
        count(new.customer_id) - count(DISTINCT new.customer_id) AS twice
    FROM held
    FULL JOIN (SELECT customer_id, record_count FROM pg_temp.new_customer) AS new ON new.customer_id = held.customer_id
)

SELECT
    named.memberless,
    named.nobodys,
    named.miscounted,
    named.twice + (SELECT count(*) - count(DISTINCT record_id) FROM pg_temp.new_member) AS twice,
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
FROM named
