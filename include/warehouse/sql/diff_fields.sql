-- Of the customers who stay: how many change in each golden field.
SELECT held.field, count(*) AS customers
FROM pg_temp.change, unnest(change.fields) AS held (field)
WHERE change.change = 'updated'
GROUP BY held.field
ORDER BY held.field
