-- The first purchase of each account of customers who have several accounts at one source, and the promotions it names.
WITH several AS (
$several
)

SELECT DISTINCT ON (bought.customer_record_id)
    bought.customer_record_id::text AS record_id, bought.occurred_at,
    CASE jsonb_typeof(bought.details -> 'promotions')
        WHEN 'array' THEN ARRAY(SELECT jsonb_array_elements_text(bought.details -> 'promotions'))
        WHEN 'string' THEN ARRAY[bought.details ->> 'promotions']
        ELSE '{}'::text[]
    END AS promotions, several.customer_id, several.source
FROM golden.customer_interaction AS bought
JOIN several ON several.customer_id = bought.customer_id AND several.source = bought.source
WHERE bought.interaction_type IN ('order', 'receipt') AND bought.occurred_at IS NOT NULL
ORDER BY bought.customer_record_id, bought.occurred_at, bought.record_id
