-- What becomes of each golden customer that does not stay as it is.
CREATE TEMP TABLE change ON COMMIT DROP AS
SELECT
    new.customer_id,
    -- A new id that takes over records of a customer who lives on has split off from them.
    CASE
        WHEN EXISTS (
            SELECT
            FROM pg_temp.new_member AS member
            JOIN golden.crosswalk AS previous ON previous.record_id = member.record_id
            JOIN pg_temp.new_customer AS lives_on ON lives_on.customer_id = previous.customer_id
            WHERE member.customer_id = new.customer_id
        ) THEN 'split'
        ELSE 'created'
    END AS change,
    ARRAY[]::text [] AS fields,
    NULL::uuid AS became
FROM pg_temp.new_customer AS new
WHERE NOT EXISTS (SELECT FROM golden.customer AS old WHERE old.customer_id = new.customer_id)
UNION ALL
SELECT new.customer_id, 'updated', array_remove(ARRAY[$differing], NULL), NULL
FROM pg_temp.new_customer AS new
JOIN golden.customer AS old ON old.customer_id = new.customer_id
WHERE old.row_hash <> new.row_hash
UNION ALL
SELECT old.customer_id, CASE WHEN heir.became IS NULL THEN 'removed' ELSE 'merged' END, ARRAY[]::text [], heir.became
FROM golden.customer AS old
LEFT JOIN pg_temp.new_alias AS heir ON heir.customer_id = old.customer_id
WHERE
    $before
    AND NOT EXISTS (SELECT FROM pg_temp.new_customer AS new WHERE new.customer_id = old.customer_id)
