-- What a publication of a part may not do to the rest, counted; every count must be zero.
SELECT
    (
        SELECT count(*) FROM pg_temp.new_member
        WHERE NOT EXISTS (SELECT FROM pg_temp.touched WHERE touched.record_id = new_member.record_id)
    ) AS untold,
    (
        SELECT count(*) FROM pg_temp.new_mark
        JOIN staging.dirty_record AS mark ON mark.mark_id = new_mark.mark_id
        WHERE NOT EXISTS (SELECT FROM pg_temp.touched WHERE touched.record_id = mark.record_id)
    ) AS unmarked,
    (
        SELECT count(DISTINCT crosswalk.customer_id) FROM pg_temp.touched_customer
        JOIN golden.crosswalk ON crosswalk.customer_id = touched_customer.customer_id
        WHERE NOT EXISTS (SELECT FROM pg_temp.touched WHERE touched.record_id = crosswalk.record_id)
    ) AS halved,
    (
        SELECT count(*) FROM (SELECT customer_id FROM pg_temp.new_customer UNION SELECT customer_id FROM pg_temp.new_alias) AS named
        JOIN golden.customer AS borne ON borne.customer_id = named.customer_id
        WHERE NOT EXISTS (SELECT FROM pg_temp.touched_customer AS known WHERE known.customer_id = named.customer_id)
    ) AS elsewhere,
    (
        SELECT count(*) FROM pg_temp.new_edge AS edge
        LEFT JOIN pg_temp.touched AS a ON a.record_id = edge.record_a
        LEFT JOIN pg_temp.touched AS b ON b.record_id = edge.record_b
        WHERE
            (a.record_id IS NULL AND b.record_id IS NULL)
            OR (edge.band = 'match' AND (a.record_id IS NULL OR b.record_id IS NULL))
    )
    + (
        SELECT count(*) FROM pg_temp.touched_edge
        JOIN identity.edge ON edge.record_a = touched_edge.record_a AND edge.record_b = touched_edge.record_b
        WHERE
            edge.band = 'match'
            AND (
                NOT EXISTS (SELECT FROM pg_temp.touched WHERE touched.record_id = edge.record_a)
                OR NOT EXISTS (SELECT FROM pg_temp.touched WHERE touched.record_id = edge.record_b)
            )
    ) AS outside
