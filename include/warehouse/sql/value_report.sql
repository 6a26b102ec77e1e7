-- What a month brought. Records that are no customer of their own, at its end and before it; who can be reached at its end; whose
-- contact points changed in it.
WITH published AS (
    SELECT sequence, recorded_at, (report ->> 'live_records')::bigint - (report ->> 'customers')::bigint AS duplicates
    FROM ops.resolve_run WHERE status = 'published'
),

refreshed AS (
    SELECT
        count(DISTINCT told.customer_id) FILTER (WHERE told.fields && ARRAY['emails']) AS email,
        count(DISTINCT told.customer_id) FILTER (WHERE told.fields && ARRAY['phones']) AS phone,
        count(DISTINCT told.customer_id) FILTER (WHERE told.fields && ARRAY['address_line', 'postcode', 'city']) AS address
    FROM golden.customer_change AS told
    JOIN published ON published.sequence = told.sequence
    WHERE told.change = 'updated' AND published.recorded_at >= :first AND published.recorded_at < :after
),

reachable AS (
    SELECT
        count(*) FILTER (
            WHERE email_consent_state = 'granted' AND primary_email IS NOT NULL AND email_state IN ('verified', 'stated')
        ) AS email,
        count(*) FILTER (
            WHERE sms_consent_state = 'granted' AND primary_phone IS NOT NULL AND phone_state IN ('verified', 'stated')
        ) AS sms,
        count(*) FILTER (
            WHERE phone_consent_state = 'granted' AND primary_phone IS NOT NULL AND phone_state IN ('verified', 'stated')
        ) AS phone,
        count(*) FILTER (
            WHERE post_consent_state = 'granted' AND address IS NOT NULL AND address_state IN ('verified', 'stated')
        ) AS post
    FROM golden.profile_at(:as_of)
)

SELECT
    coalesce((SELECT duplicates FROM published WHERE recorded_at < :after ORDER BY sequence DESC LIMIT 1), 0)
    - coalesce((SELECT duplicates FROM published WHERE recorded_at < :first ORDER BY sequence DESC LIMIT 1), 0) AS duplicate_removed,
    reachable.email AS reachable_email,
    reachable.sms AS reachable_sms,
    reachable.phone AS reachable_phone,
    reachable.post AS reachable_post,
    refreshed.email AS email_refreshed,
    refreshed.phone AS phone_refreshed,
    refreshed.address AS address_refreshed
FROM refreshed, reachable
