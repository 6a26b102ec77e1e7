-- Before the customers are written: what we believed until now ends, and is kept as it stands there; what we believe from now on begins.
-- Who only changed records believes what they believed.
UPDATE golden.customer_period SET to_sequence = :sequence, "row" = to_jsonb(told)
FROM pg_temp.change
JOIN (SELECT customer_id, $golden FROM golden.customer) AS told ON told.customer_id = change.customer_id
WHERE
    change.customer_id = customer_period.customer_id AND customer_period.to_sequence IS NULL
    AND NOT (change.change = 'updated' AND change.fields = '{}');

INSERT INTO golden.customer_period (customer_id, from_sequence)
SELECT customer_id, :sequence FROM pg_temp.change
WHERE change IN ('created', 'split') OR (change = 'updated' AND fields <> '{}')
ORDER BY customer_id;
