-- A permission is none before it was given. A refusal that bears a later date is one all the same: of two errors the one that writes to nobody.
CREATE OR REPLACE FUNCTION golden.consent_state(answer boolean, since timestamptz, expires_after int, as_of timestamptz)
RETURNS text LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE
    WHEN answer IS NULL THEN NULL
    WHEN NOT answer THEN 'refused'
    WHEN since > as_of THEN NULL
    WHEN since + make_interval(days => expires_after) <= as_of THEN 'expired'
    ELSE 'granted'
END
$$;

-- Whose each record was on a day, as believed on another. The crosswalk says it of what is believed now, where nobody was deleted since.
CREATE FUNCTION golden.place_at(as_of timestamptz, believed timestamptz)
RETURNS TABLE (customer_id uuid, record_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
WITH told AS MATERIALIZED (
    SELECT
        NOT EXISTS (SELECT FROM ops.resolve_run WHERE status = 'published' AND recorded_at > believed)
        AND NOT EXISTS (
            SELECT FROM staging.record_version AS version
            WHERE version.deleted AND version.source_time > as_of AND as_of < now()
        ) AS by_crosswalk
)
SELECT customer_id, record_id FROM golden.crosswalk WHERE (SELECT by_crosswalk FROM told)
UNION ALL
SELECT customer_id, record_id FROM golden.v_members_at(as_of, believed) WHERE NOT (SELECT by_crosswalk FROM told)
$$;
REVOKE ALL ON FUNCTION golden.place_at(timestamptz, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION golden.place_at(timestamptz, timestamptz) IS 'Whose each record was at a moment of recorded time, with who was deleted since the moment of valid time';

-- Golden values on a day, as believed on another: those believed then, which the rules chose. Of whom something was said after the day, what
-- their records said on it: a value believed before others, then what was said last; sets whole, of answers the most restrictive.
CREATE FUNCTION golden.customer_at(as_of timestamptz, believed timestamptz)
RETURNS TABLE (
    customer_id uuid, full_name text, company_name text, nickname text, language text, birth_date text,
    address_line text, postcode text, city text, country text,
    emails text [], phones text [], handles text [], loyalty_ids text [],
    email_consent boolean, email_consent_at timestamptz, email_told_at timestamptz,
    sms_consent boolean, sms_consent_at timestamptz, sms_told_at timestamptz,
    phone_consent boolean, phone_consent_at timestamptz, phone_told_at timestamptz,
    post_consent boolean, post_consent_at timestamptz, post_told_at timestamptz,
    profiling_consent boolean, profiling_consent_at timestamptz, profiling_told_at timestamptz,
    sources text [], record_count int
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off  -- as for the profile: what a WITH gives has no statistics
AS $$
WITH run AS MATERIALIZED (
    SELECT
        max(sequence) FILTER (WHERE recorded_at <= believed) AS sequence,
        max(sequence) FILTER (WHERE recorded_at <= believed) = max(sequence) AS latest
    FROM ops.resolve_run WHERE status = 'published'
),
belief AS MATERIALIZED (
    SELECT customer.* FROM golden.customer WHERE (SELECT latest FROM run)
    UNION ALL
    SELECT told.*
    FROM golden.customer_period AS was
    LEFT JOIN golden.customer AS now ON now.customer_id = was.customer_id
    CROSS JOIN LATERAL jsonb_populate_record(NULL::golden.customer, coalesce(was."row", to_jsonb(now) - 'row_hash')) AS told
    WHERE
        NOT (SELECT latest FROM run) AND was.from_sequence <= (SELECT sequence FROM run)
        AND (was.to_sequence IS NULL OR was.to_sequence > (SELECT sequence FROM run))
),
place AS MATERIALIZED (SELECT * FROM golden.place_at(as_of, believed)),
since AS MATERIALIZED (  -- said after the day, and known to us by then
    SELECT DISTINCT version.record_id FROM staging.record_version AS version
    WHERE version.source_time > as_of AND as_of < now() AND version.recorded_at <= believed
),
moved AS MATERIALIZED (
    SELECT place.customer_id FROM place JOIN since ON since.record_id = place.record_id
    UNION
    SELECT place.customer_id FROM place LEFT JOIN belief ON belief.customer_id = place.customer_id WHERE belief.customer_id IS NULL
    UNION
    SELECT belief.customer_id FROM belief
    WHERE greatest(
        belief.email_consent_at, belief.sms_consent_at, belief.phone_consent_at, belief.post_consent_at, belief.profiling_consent_at
    ) > as_of
),
word AS MATERIALIZED (
    SELECT
        place.customer_id AS whose, place.record_id AS place_id, said.*, said.record_id IS NULL AS later,
        -- What two records say is the same answer where both answer alike; the date of each is its own.
        (said.email_consent AND coalesce(said.email_consent_at, said.source_time) > as_of) IS NOT TRUE AS email_by_then,
        (said.sms_consent AND coalesce(said.sms_consent_at, said.source_time) > as_of) IS NOT TRUE AS sms_by_then,
        (said.phone_consent AND coalesce(said.phone_consent_at, said.source_time) > as_of) IS NOT TRUE AS phone_by_then,
        (said.post_consent AND coalesce(said.post_consent_at, said.source_time) > as_of) IS NOT TRUE AS post_by_then,
        (said.profiling_consent AND coalesce(said.profiling_consent_at, said.source_time) > as_of) IS NOT TRUE AS profiling_by_then
    FROM place
    JOIN moved ON moved.customer_id = place.customer_id
    LEFT JOIN LATERAL $word AS said ON true
),
said AS (
    SELECT
        word.whose AS customer_id,
        (array_agg(word.full_name ORDER BY word.full_name = belief.full_name DESC NULLS LAST, word.source_time DESC, word.place_id)
            FILTER (WHERE word.full_name IS NOT NULL))[1] AS full_name,
        (array_agg(word.company_name ORDER BY word.company_name = belief.company_name DESC NULLS LAST, word.source_time DESC, word.place_id)
            FILTER (WHERE word.company_name IS NOT NULL))[1] AS company_name,
        (array_agg(word.nickname ORDER BY word.nickname = belief.nickname DESC NULLS LAST, word.source_time DESC, word.place_id)
            FILTER (WHERE word.nickname IS NOT NULL))[1] AS nickname,
        (array_agg(word.language ORDER BY word.language = belief.language DESC NULLS LAST, word.source_time DESC, word.place_id)
            FILTER (WHERE word.language IS NOT NULL))[1] AS language,
        (array_agg(word.birth_date ORDER BY word.birth_date = belief.birth_date DESC NULLS LAST, word.source_time DESC, word.place_id)
            FILTER (WHERE word.birth_date IS NOT NULL))[1] AS birth_date,
        (array_agg(word.address_line ORDER BY home.agrees DESC, word.source_time DESC, word.place_id)
            FILTER (WHERE coalesce(word.address_line, word.postcode, word.city, word.country) IS NOT NULL))[1] AS address_line,
        (array_agg(word.postcode ORDER BY home.agrees DESC, word.source_time DESC, word.place_id)
            FILTER (WHERE coalesce(word.address_line, word.postcode, word.city, word.country) IS NOT NULL))[1] AS postcode,
        (array_agg(word.city ORDER BY home.agrees DESC, word.source_time DESC, word.place_id)
            FILTER (WHERE coalesce(word.address_line, word.postcode, word.city, word.country) IS NOT NULL))[1] AS city,
        (array_agg(word.country ORDER BY home.agrees DESC, word.source_time DESC, word.place_id)
            FILTER (WHERE coalesce(word.address_line, word.postcode, word.city, word.country) IS NOT NULL))[1] AS country,
        bool_and(word.email_consent) FILTER (WHERE word.email_by_then) AS email_consent,
        CASE WHEN bool_and(word.email_consent) FILTER (WHERE word.email_by_then) THEN max(word.email_consent_at) FILTER (WHERE word.email_consent AND word.email_by_then)
            ELSE max(word.email_consent_at) FILTER (WHERE NOT word.email_consent) END AS email_consent_at,
        CASE WHEN bool_and(word.email_consent) FILTER (WHERE word.email_by_then) THEN max(word.source_time) FILTER (WHERE word.email_consent AND word.email_by_then)
            ELSE max(word.source_time) FILTER (WHERE NOT word.email_consent) END AS email_told_at,
        bool_and(word.sms_consent) FILTER (WHERE word.sms_by_then) AS sms_consent,
        CASE WHEN bool_and(word.sms_consent) FILTER (WHERE word.sms_by_then) THEN max(word.sms_consent_at) FILTER (WHERE word.sms_consent AND word.sms_by_then)
            ELSE max(word.sms_consent_at) FILTER (WHERE NOT word.sms_consent) END AS sms_consent_at,
        CASE WHEN bool_and(word.sms_consent) FILTER (WHERE word.sms_by_then) THEN max(word.source_time) FILTER (WHERE word.sms_consent AND word.sms_by_then)
            ELSE max(word.source_time) FILTER (WHERE NOT word.sms_consent) END AS sms_told_at,
        bool_and(word.phone_consent) FILTER (WHERE word.phone_by_then) AS phone_consent,
        CASE WHEN bool_and(word.phone_consent) FILTER (WHERE word.phone_by_then) THEN max(word.phone_consent_at) FILTER (WHERE word.phone_consent AND word.phone_by_then)
            ELSE max(word.phone_consent_at) FILTER (WHERE NOT word.phone_consent) END AS phone_consent_at,
        CASE WHEN bool_and(word.phone_consent) FILTER (WHERE word.phone_by_then) THEN max(word.source_time) FILTER (WHERE word.phone_consent AND word.phone_by_then)
            ELSE max(word.source_time) FILTER (WHERE NOT word.phone_consent) END AS phone_told_at,
        bool_and(word.post_consent) FILTER (WHERE word.post_by_then) AS post_consent,
        CASE WHEN bool_and(word.post_consent) FILTER (WHERE word.post_by_then) THEN max(word.post_consent_at) FILTER (WHERE word.post_consent AND word.post_by_then)
            ELSE max(word.post_consent_at) FILTER (WHERE NOT word.post_consent) END AS post_consent_at,
        CASE WHEN bool_and(word.post_consent) FILTER (WHERE word.post_by_then) THEN max(word.source_time) FILTER (WHERE word.post_consent AND word.post_by_then)
            ELSE max(word.source_time) FILTER (WHERE NOT word.post_consent) END AS post_told_at,
        bool_and(word.profiling_consent) FILTER (WHERE word.profiling_by_then) AS profiling_consent,
        CASE WHEN bool_and(word.profiling_consent) FILTER (WHERE word.profiling_by_then) THEN max(word.profiling_consent_at) FILTER (WHERE word.profiling_consent AND word.profiling_by_then)
            ELSE max(word.profiling_consent_at) FILTER (WHERE NOT word.profiling_consent) END AS profiling_consent_at,
        CASE WHEN bool_and(word.profiling_consent) FILTER (WHERE word.profiling_by_then) THEN max(word.source_time) FILTER (WHERE word.profiling_consent AND word.profiling_by_then)
            ELSE max(word.source_time) FILTER (WHERE NOT word.profiling_consent) END AS profiling_told_at,
        array_agg(DISTINCT word.source) FILTER (WHERE NOT word.deleted) AS sources,
        (count(*) FILTER (WHERE NOT word.deleted))::int AS record_count
    FROM word
    LEFT JOIN belief ON belief.customer_id = word.whose
    -- The lines of an address move together: those of a record that has the street believed, or where none has one the town.
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN word.address_line = belief.address_line THEN 3 WHEN word.postcode = belief.postcode THEN 2
            WHEN word.city = belief.city THEN 1 ELSE 0
        END AS agrees
    ) AS home
    -- Somebody is there by what a record says; or, where it had not spoken yet, by what is known to have happened.
    WHERE NOT coalesce(word.deleted, false)
    GROUP BY word.whose
    HAVING bool_or(NOT word.deleted) OR bool_or(word.later AND EXISTS (
        SELECT FROM staging.interaction AS done
        WHERE done.customer_record_id = word.place_id AND NOT done.deleted AND done.occurred_at <= as_of
    ))
),
listed AS (  -- what the lists hold, those believed first
    SELECT
        held.customer_id,
        array_agg(held.value ORDER BY held.place, held.at DESC, held.value COLLATE "C") FILTER (WHERE held.kind = 'emails') AS emails,
        array_agg(held.value ORDER BY held.place, held.at DESC, held.value COLLATE "C") FILTER (WHERE held.kind = 'phones') AS phones,
        array_agg(held.value ORDER BY held.place, held.at DESC, held.value COLLATE "C") FILTER (WHERE held.kind = 'handles') AS handles,
        array_agg(held.value ORDER BY held.place, held.at DESC, held.value COLLATE "C")
            FILTER (WHERE held.kind = 'loyalty_ids') AS loyalty_ids
    FROM (
        SELECT
            word.whose AS customer_id, one.kind, one.value, max(word.source_time) AS at, min(array_position(one.believed, one.value)) AS place
        FROM word
        LEFT JOIN belief ON belief.customer_id = word.whose
        CROSS JOIN LATERAL (
            SELECT 'emails' AS kind, value, belief.emails AS believed FROM unnest(word.emails) AS value
            UNION ALL
            SELECT 'phones', value, belief.phones FROM unnest(word.phones) AS value
            UNION ALL
            SELECT 'handles', value, belief.handles FROM unnest(word.handles) AS value
            UNION ALL
            SELECT 'loyalty_ids', value, belief.loyalty_ids FROM unnest(word.loyalty_ids) AS value
        ) AS one
        WHERE NOT word.deleted
        GROUP BY word.whose, one.kind, one.value
    ) AS held
    GROUP BY held.customer_id
)
SELECT
    belief.customer_id, belief.full_name, belief.company_name, belief.nickname, belief.language, belief.birth_date,
    belief.address_line, belief.postcode, belief.city, belief.country, belief.emails, belief.phones, belief.handles,
    belief.loyalty_ids, belief.email_consent, belief.email_consent_at, NULL::timestamptz, belief.sms_consent,
    belief.sms_consent_at, NULL::timestamptz, belief.phone_consent, belief.phone_consent_at, NULL::timestamptz,
    belief.post_consent, belief.post_consent_at, NULL::timestamptz, belief.profiling_consent, belief.profiling_consent_at,
    NULL::timestamptz, belief.sources, belief.record_count
FROM belief LEFT JOIN moved ON moved.customer_id = belief.customer_id
WHERE moved.customer_id IS NULL
UNION ALL
SELECT
    said.customer_id, said.full_name, said.company_name, said.nickname, said.language, said.birth_date, said.address_line,
    said.postcode, said.city, said.country, coalesce(listed.emails, '{}'), coalesce(listed.phones, '{}'), coalesce(listed.handles,
    '{}'), coalesce(listed.loyalty_ids, '{}'), said.email_consent, said.email_consent_at, said.email_told_at, said.sms_consent,
    said.sms_consent_at, said.sms_told_at, said.phone_consent, said.phone_consent_at, said.phone_told_at, said.post_consent,
    said.post_consent_at, said.post_told_at, said.profiling_consent, said.profiling_consent_at, said.profiling_told_at,
    coalesce(said.sources, '{}'), said.record_count
FROM said LEFT JOIN listed ON listed.customer_id = said.customer_id
$$;
REVOKE ALL ON FUNCTION golden.customer_at(timestamptz, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION golden.customer_at(timestamptz, timestamptz) IS
'Golden values on a day (valid time) as believed on another (recorded time). Of whom something was said since the day, what their records said on it: a value that is believed before others, else what was said last, of answers the most restrictive; the rules alone, for one customer, are carried out by suki as-of. Who had said nothing yet has empty values. A pinned value is known of who did not change since.';

-- Every answer by purpose and channel on a day, as believed on another.
CREATE FUNCTION golden.v_consent_at(as_of timestamptz, believed timestamptz)
RETURNS TABLE (
    customer_id uuid, purpose text, channel text, state text, answered_at timestamptz, undated boolean, told_at timestamptz,
    expires_at timestamptz, source text, record_id uuid, proof text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off
AS $$
WITH asked AS (
    SELECT
        held.key AS field, held.value ->> 'purpose' AS purpose, held.value ->> 'channel' AS channel,
        (declared.value #>> ARRAY['purposes', held.value ->> 'purpose', 'expires_after'])::int AS expires_after
    FROM golden.declared, jsonb_each(declared.value -> 'consents') AS held
    WHERE declared.name = 'profile'
),
answer AS MATERIALIZED (
    SELECT customer.customer_id, given.field, given.said, given.said_at
    FROM golden.customer_at(as_of, believed) AS customer
    CROSS JOIN LATERAL (
        VALUES
        ('email_consent', customer.email_consent, customer.email_consent_at),
        ('sms_consent', customer.sms_consent, customer.sms_consent_at),
        ('phone_consent', customer.phone_consent, customer.phone_consent_at),
        ('post_consent', customer.post_consent, customer.post_consent_at),
        ('profiling_consent', customer.profiling_consent, customer.profiling_consent_at)
    ) AS given (field, said, said_at)
    WHERE given.said IS NOT NULL
),
told AS MATERIALIZED (  -- who gave an answer, with its date
    SELECT place.customer_id, word.record_id, word.source, word.source_time, word.manifest_id, given.field, given.said, given.said_at
    FROM golden.place_at(as_of, believed) AS place
    CROSS JOIN LATERAL $word AS word
    CROSS JOIN LATERAL (
        VALUES
        ('email_consent', word.email_consent, word.email_consent_at),
        ('sms_consent', word.sms_consent, word.sms_consent_at),
        ('phone_consent', word.phone_consent, word.phone_consent_at),
        ('post_consent', word.post_consent, word.post_consent_at),
        ('profiling_consent', word.profiling_consent, word.profiling_consent_at)
    ) AS given (field, said, said_at)
    WHERE NOT word.deleted AND given.said IS NOT NULL
),
named AS MATERIALIZED (
    SELECT proof.customer_id, proof.field, proof.record_ids[1] AS record_id FROM golden.provenance AS proof
    WHERE proof.field IN (SELECT asked.field FROM asked)
),
proven AS MATERIALIZED (  -- of several who gave it the one that provenance names, else who said so last
    SELECT DISTINCT ON (told.customer_id, told.field) told.*
    FROM told
    JOIN answer ON answer.customer_id = told.customer_id AND answer.field = told.field AND answer.said = told.said
    LEFT JOIN named ON named.customer_id = told.customer_id AND named.field = told.field AND named.record_id = told.record_id
    ORDER BY
        told.customer_id, told.field, told.said_at IS NOT DISTINCT FROM answer.said_at DESC, named.record_id IS NULL,
        told.source_time DESC, told.record_id
),
file AS MATERIALIZED (
    SELECT locator.record_id, delivery.manifest_id, max(delivery.file) AS file
    FROM ops.locator JOIN ops.delivery ON delivery.delivery_id = locator.delivery_id
    GROUP BY locator.record_id, delivery.manifest_id
)
SELECT
    answer.customer_id, asked.purpose, asked.channel, held.state,
    answer.said_at, answer.said_at IS NULL, proven.source_time,
    CASE WHEN answer.said THEN coalesce(answer.said_at, proven.source_time) + make_interval(days => asked.expires_after) END,
    proven.source, proven.record_id, file.file
FROM answer
JOIN asked ON asked.field = answer.field
LEFT JOIN proven ON proven.customer_id = answer.customer_id AND proven.field = answer.field
CROSS JOIN LATERAL (
    SELECT golden.consent_state(answer.said, coalesce(answer.said_at, proven.source_time), asked.expires_after, as_of) AS state
) AS held
LEFT JOIN file ON file.record_id = proven.record_id AND file.manifest_id = proven.manifest_id
WHERE held.state IS NOT NULL
$$;
REVOKE ALL ON FUNCTION golden.v_consent_at(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION golden.v_consent_at(timestamptz, timestamptz) TO suki_analyst, suki_resolve, suki_steward, suki_privacy;
COMMENT ON FUNCTION golden.v_consent_at(timestamptz, timestamptz) IS
'What each customer had answered on a day (valid time), by purpose and channel, as believed on another (recorded time)';
