-- What we believed until now ends, what we believe from now on begins. Who only changed records believes what they believed.
UPDATE golden.customer_history SET to_sequence = :sequence
FROM pg_temp.change
WHERE
    change.customer_id = customer_history.customer_id AND customer_history.to_sequence IS NULL
    AND NOT (change.change = 'updated' AND change.fields = '{}');

INSERT INTO golden.customer_history (customer_id, from_sequence, "row")
SELECT told.customer_id, :sequence, to_jsonb(told)
FROM (SELECT customer_id, $golden FROM pg_temp.new_customer) AS told
JOIN pg_temp.change ON change.customer_id = told.customer_id
WHERE NOT (change.change = 'updated' AND change.fields = '{}');
