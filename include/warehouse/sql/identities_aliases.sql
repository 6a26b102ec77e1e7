SELECT alias.customer_id::text, alias.became::text
FROM pg_temp.at_stake
JOIN identity.alias ON alias.customer_id = at_stake.customer_id
ORDER BY alias.customer_id
