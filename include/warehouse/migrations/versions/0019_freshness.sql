-- Contact points that no longer reach a person, and persons who are reached by none, as of a moment: what the profile says of them, and
-- where they are met next. Nothing is deleted for being old, and nothing here is a value: a point is named by its kind and place.
CREATE FUNCTION golden.refresh_at(as_of timestamptz)
RETURNS TABLE (
    customer_id uuid, point text, place int, state text, last_evidence timestamptz, still_valid double precision, touchpoint text,
    country text, home_store text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off  -- as for the profile: what a WITH gives has no statistics
AS $$
WITH declared AS (SELECT value FROM golden.declared WHERE name = 'profile'),
profile AS MATERIALIZED (SELECT * FROM golden.profile_at(as_of)),
held AS (
    SELECT
        profile.customer_id, listed.kind AS point, listed.place::int AS place, CASE listed.kind WHEN 'address' THEN profile.address_state ELSE listed.item ->> 'state' END AS state,
        (listed.item ->> 'last_evidence')::timestamptz AS last_evidence
    FROM profile
    CROSS JOIN LATERAL (
        SELECT 'email' AS kind, item, place FROM jsonb_array_elements(profile.emails) WITH ORDINALITY AS mail (item, place)
        UNION ALL
        SELECT 'phone', item, place FROM jsonb_array_elements(profile.phones) WITH ORDINALITY AS call (item, place)
        UNION ALL  -- of several homes only the one believed: a former one is meant to be old
        SELECT 'address', profile.addresses -> 0, 1 WHERE profile.address_state IS NOT NULL
    ) AS listed
),
reached AS (
    SELECT
        customer_id, bool_or(point = 'email' AND state IN ('verified', 'stated')) AS by_email,
        bool_or(point = 'phone' AND state IN ('verified', 'stated')) AS by_phone,
        bool_or(state IN ('verified', 'stated')) AS at_all, max(last_evidence) AS last_evidence
    FROM held GROUP BY customer_id
),
due AS (
    SELECT customer_id, point, place, state, last_evidence FROM held
    UNION ALL
    SELECT profile.customer_id, 'profile', 1, 'abandoned', profile.last_seen_at
    FROM profile LEFT JOIN reached USING (customer_id)
    WHERE profile.lapsed AND reached.at_all IS NOT TRUE
)
SELECT
    due.customer_id, due.point, due.place, due.state, due.last_evidence,
    CASE
        WHEN due.state IN ('bounced', 'abandoned') OR due.last_evidence IS NULL THEN 0
        ELSE power(0.5, greatest(extract(epoch FROM as_of - due.last_evidence), 0)
            / (86400 * (declared.value #>> ARRAY['half_life', due.point])::double precision))
    END,
    CASE
        WHEN profile.open_tickets > 0 THEN 'ticket'
        WHEN profile.home_store IS NOT NULL AND profile.lapsed IS NOT TRUE THEN 'store'
        WHEN reached.by_email AND due.point <> 'email' THEN 'email'
        WHEN reached.by_phone AND due.point <> 'phone' THEN 'phone'
        ELSE 'channel'
    END,
    profile.country, profile.home_store
FROM due
CROSS JOIN declared
JOIN profile ON profile.customer_id = due.customer_id
LEFT JOIN reached ON reached.customer_id = due.customer_id
$$;
REVOKE ALL ON FUNCTION golden.refresh_at(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION golden.refresh_at(timestamptz) TO suki_resolve, suki_steward, suki_privacy;
GRANT SELECT ON golden.refresh_due TO suki_resolve, suki_steward, suki_analyst, suki_privacy;
GRANT INSERT, UPDATE, DELETE ON golden.refresh_due TO suki_resolve;
GRANT SELECT ON ops.freshness TO suki_ingest, suki_resolve, suki_steward, suki_privacy;
GRANT INSERT, DELETE ON ops.freshness TO suki_resolve;

-- What is asked where: the declared words beside the list.
CREATE VIEW golden.v_refresh AS
SELECT
    due.customer_id, due.point, due.place, due.state, due.last_evidence, round(due.still_valid::numeric, 3) AS still_valid,
    due.touchpoint, declared.value #>> ARRAY['touchpoints', due.touchpoint] AS where_next,
    declared.value #>> ARRAY['points', due.point, 'question'] AS question, due.listed_at
FROM golden.refresh_due AS due
CROSS JOIN golden.declared
WHERE declared.name = 'profile';
GRANT SELECT ON golden.v_refresh TO suki_resolve, suki_steward, suki_analyst, suki_privacy;
COMMENT ON VIEW golden.v_refresh IS 'Contact points that no longer reach a person, and where to ask for them anew; no values';
