-- What becomes of each customer that does not stay as it is, and of each id that was not current and answers to another now.
CREATE TEMP TABLE change ON COMMIT DROP AS
WITH gained AS (
    SELECT
        becomes AS customer_id, array_agg(record_id ORDER BY record_id) AS records
    FROM pg_temp.moved
    WHERE becomes IS NOT NULL
    GROUP BY becomes
),

-- A new id that takes over records of customers who live on has split off from them.
taken_over AS (
    SELECT moved.becomes AS customer_id, array_agg(DISTINCT moved.was ORDER BY moved.was) AS split_from
    FROM pg_temp.moved
    JOIN pg_temp.new_customer AS lives_on ON lives_on.customer_id = moved.was
    WHERE moved.becomes IS NOT NULL
    GROUP BY moved.becomes
),

lost AS (
    SELECT was AS customer_id, array_agg(record_id ORDER BY record_id) AS records FROM pg_temp.moved WHERE was IS NOT NULL GROUP BY was
),

renamed AS (
    SELECT coalesce(new.customer_id, old.customer_id) AS customer_id, new.became
    FROM pg_temp.new_alias AS new
    FULL JOIN (SELECT customer_id, became FROM identity.alias WHERE $renamed) AS old ON old.customer_id = new.customer_id
    WHERE new.became IS DISTINCT FROM old.became
),

what AS (
    SELECT
        new.customer_id, CASE WHEN taken_over.split_from IS NULL THEN 'created' ELSE 'split' END AS change,
        ARRAY[]::text [] AS fields, NULL::uuid AS became, taken_over.split_from
    FROM pg_temp.new_customer AS new
    LEFT JOIN taken_over ON taken_over.customer_id = new.customer_id
    WHERE NOT EXISTS (SELECT FROM golden.customer AS old WHERE old.customer_id = new.customer_id)
    UNION ALL
    SELECT
        new.customer_id, 'updated',
        CASE WHEN old.row_hash = new.row_hash THEN '{}' ELSE array_remove(ARRAY[$differing], NULL) END, NULL, NULL
    FROM pg_temp.new_customer AS new
    JOIN golden.customer AS old ON old.customer_id = new.customer_id
    LEFT JOIN gained ON gained.customer_id = new.customer_id
    LEFT JOIN lost ON lost.customer_id = new.customer_id
    WHERE old.row_hash <> new.row_hash OR gained.customer_id IS NOT NULL OR lost.customer_id IS NOT NULL
    UNION ALL
    SELECT
        old.customer_id, CASE WHEN heir.became IS NULL THEN 'retired' ELSE 'merged' END, ARRAY[]::text [], heir.became, NULL
    FROM golden.customer AS old
    LEFT JOIN pg_temp.new_alias AS heir ON heir.customer_id = old.customer_id
    WHERE
        $before
        AND NOT EXISTS (SELECT FROM pg_temp.new_customer AS new WHERE new.customer_id = old.customer_id)
    UNION ALL
    SELECT renamed.customer_id, 'redirected', ARRAY[]::text [], renamed.became, NULL
    FROM renamed
    WHERE
        NOT EXISTS (SELECT FROM golden.customer AS old WHERE old.customer_id = renamed.customer_id)
        AND NOT EXISTS (SELECT FROM pg_temp.new_customer AS new WHERE new.customer_id = renamed.customer_id)
)

SELECT
    what.customer_id, what.change, what.fields, what.became,
    coalesce(what.split_from, '{}') AS split_from,
    coalesce(gained.records, '{}') AS gained,
    coalesce(lost.records, '{}') AS lost
FROM what
LEFT JOIN gained ON gained.customer_id = what.customer_id
LEFT JOIN lost ON lost.customer_id = what.customer_id
