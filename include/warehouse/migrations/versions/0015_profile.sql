-- The profile again: every address with its state, consent that expires, the household, the tier of the loyalty programme, the score of
-- repeat registrations; and each sign of a contact point counted by hashing, not by sorting texts.
DROP VIEW golden.v_profile;
DROP FUNCTION golden.v_profile_at(timestamptz);
DROP FUNCTION golden.profile_at(timestamptz);

-- Whether an answer to a question of consent holds: a refusal always does, a permission until its period ends. One that bears no date of
-- its own counts from when its source first told of it.
CREATE FUNCTION golden.consent_state(answer boolean, since timestamptz, expires_after int, as_of timestamptz)
RETURNS text LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE
    WHEN answer IS NULL THEN NULL
    WHEN NOT answer THEN 'refused'
    WHEN since + make_interval(days => expires_after) <= as_of THEN 'expired'
    ELSE 'granted'
END
$$;

-- Every answer by purpose and channel, with its date, who told of it, and where it stands in what was delivered.
CREATE FUNCTION golden.v_consent_at(as_of timestamptz)
RETURNS TABLE (
    customer_id uuid, purpose text, channel text, state text, answered_at timestamptz, undated boolean, told_at timestamptz,
    expires_at timestamptz, source text, record_id uuid, proof text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
WITH asked AS (
    SELECT
        held.key AS field, held.value ->> 'purpose' AS purpose, held.value ->> 'channel' AS channel,
        (declared.value #>> ARRAY['purposes', held.value ->> 'purpose', 'expires_after'])::int AS expires_after
    FROM golden.declared, jsonb_each(declared.value -> 'consents') AS held
    WHERE declared.name = 'profile'
),
answer AS (
    SELECT customer_id, 'email_consent' AS field, email_consent AS said, email_consent_at AS said_at
    FROM golden.customer WHERE email_consent IS NOT NULL
    UNION ALL
    SELECT customer_id, 'sms_consent', sms_consent, sms_consent_at FROM golden.customer WHERE sms_consent IS NOT NULL
),
told AS (SELECT record_id, source, source_time, manifest_id FROM staging.current_record),
file AS (
    SELECT locator.record_id, delivery.manifest_id, max(delivery.file) AS file
    FROM ops.locator JOIN ops.delivery ON delivery.delivery_id = locator.delivery_id
    GROUP BY locator.record_id, delivery.manifest_id
)
SELECT
    answer.customer_id, asked.purpose, asked.channel,
    golden.consent_state(answer.said, coalesce(answer.said_at, told.source_time), asked.expires_after, as_of),
    answer.said_at, answer.said_at IS NULL, told.source_time,
    CASE WHEN answer.said THEN coalesce(answer.said_at, told.source_time) + make_interval(days => asked.expires_after) END,
    told.source, told.record_id, file.file
FROM answer
JOIN asked ON asked.field = answer.field
LEFT JOIN golden.provenance AS proof ON proof.customer_id = answer.customer_id AND proof.field = answer.field
LEFT JOIN told ON told.record_id = proof.record_ids[1]
LEFT JOIN file ON file.record_id = told.record_id AND file.manifest_id = told.manifest_id
$$;
REVOKE ALL ON FUNCTION golden.v_consent_at(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION golden.v_consent_at(timestamptz) TO suki_analyst, suki_resolve, suki_steward, suki_privacy;

CREATE VIEW golden.v_consent AS SELECT * FROM golden.v_consent_at(now());
GRANT SELECT ON golden.v_consent TO suki_analyst, suki_resolve, suki_steward, suki_privacy;
COMMENT ON VIEW golden.v_consent IS 'What each customer answered, by purpose and channel, and whether it holds now. Who was never asked has no row';
COMMENT ON COLUMN golden.v_consent.customer_id IS 'The golden customer';
COMMENT ON COLUMN golden.v_consent.purpose IS 'What for, as declared';
COMMENT ON COLUMN golden.v_consent.channel IS 'By which channel, as declared';
COMMENT ON COLUMN golden.v_consent.state IS 'granted, refused, or expired: it was granted and its period is over';
COMMENT ON COLUMN golden.v_consent.answered_at IS 'When it was answered, as its source says';
COMMENT ON COLUMN golden.v_consent.undated IS 'Its source names no date: the period counts from told_at';
COMMENT ON COLUMN golden.v_consent.told_at IS 'When its source first told of it, as the record says now';
COMMENT ON COLUMN golden.v_consent.expires_at IS 'When a permission ends, by the declared period of its purpose';
COMMENT ON COLUMN golden.v_consent.source IS 'Who told of it';
COMMENT ON COLUMN golden.v_consent.record_id IS 'In which record';
COMMENT ON COLUMN golden.v_consent.proof IS 'The delivered file it stands in';

-- The whole picture of every customer as of a moment. Golden values are as believed now; everything that moves with the clock (age,
-- recency, staleness, what was bought until then) is reckoned here and nowhere in the golden table. What kinds of interaction there are,
-- what a currency is worth and when a contact point is stale is declared (include/warehouse/profile.yml).
CREATE FUNCTION golden.profile_at(as_of timestamptz)
RETURNS TABLE (
    customer_id uuid,
    display_name text, romanised_name text, language text,
    birth_date text, birth_date_precision text, age_band text,
    primary_email text, email_state text, emails jsonb,
    primary_phone text, phone_state text, phones jsonb,
    address text, address_state text, addresses jsonb,
    country text, home_store text,
    customer_since timestamptz, last_seen_at timestamptz, last_channel text, lapsed boolean,
    orders bigint, lifetime_value numeric, reporting_currency text, other_amounts jsonb, average_basket numeric,
    last_order_at timestamptz, recency_band int, frequency_band int, monetary_band int, return_share numeric,
    support_tickets bigint, open_tickets bigint, last_topic text,
    social_handles text[], loyalty_cards text[], loyalty_tier text,
    email_consent boolean, email_consent_state text, email_consent_at timestamptz,
    sms_consent boolean, sms_consent_state text, sms_consent_at timestamptz,
    household_id uuid, household_members int, repeat_registration_score double precision,
    sources text[], record_count int, match_confidence double precision,
    completeness numeric, missing text[], next_question text, days_since_evidence int
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- What a WITH gives has no statistics: the planner takes it for a handful of rows and would look through it once a customer.
SET enable_nestloop = off
AS $$
WITH declared AS (
    SELECT
        value, value ->> 'reporting_currency' AS currency,
        ARRAY(SELECT jsonb_array_elements_text(value -> 'purchases')) AS purchases,
        ARRAY(SELECT jsonb_array_elements_text(value -> 'returns')) AS returns,
        ARRAY(SELECT jsonb_array_elements_text(value -> 'returned_statuses')) AS returned_statuses,
        ARRAY(SELECT jsonb_array_elements_text(value -> 'support')) AS support,
        ARRAY(SELECT jsonb_array_elements_text(value -> 'solved_statuses')) AS solved_statuses,
        ARRAY(SELECT jsonb_array_elements_text(value -> 'bounces')) AS bounces,
        make_interval(days => (value #>> '{stale_after,email}')::int) AS email_stale,
        make_interval(days => (value #>> '{stale_after,phone}')::int) AS phone_stale,
        make_interval(days => (value #>> '{stale_after,address}')::int) AS address_stale,
        make_interval(days => (value ->> 'lapsed_after')::int) AS lapsed_after,
        make_interval(days => (value #>> '{loyalty,within}')::int) AS tier_within,
        (value #>> ARRAY['purposes', value #>> '{consents,email_consent,purpose}', 'expires_after'])::int AS email_expires,
        (value #>> ARRAY['purposes', value #>> '{consents,sms_consent,purpose}', 'expires_after'])::int AS sms_expires
    FROM golden.declared WHERE name = 'profile'
),
rate AS (SELECT held.key AS currency, held.value::numeric AS worth FROM declared, jsonb_each_text(declared.value -> 'rates') AS held),
point AS (
    SELECT held.key AS name, (held.value ->> 'importance')::numeric AS importance, held.value ->> 'question' AS question
    FROM declared, jsonb_each(declared.value -> 'points') AS held
),
tier AS (
    SELECT held.key AS name, held.value::numeric AS from_value
    FROM declared, jsonb_each_text(declared.value #> '{loyalty,tiers}') AS held
),
record AS (
    SELECT
        place.customer_id, said.record_id, said.source, said.given_key, said.family_key, said.emails, said.phones,
        said.address_line, said.postcode, said.city, said.first_seen_at, said.source_time,
        coalesce(said.last_seen_at, said.confirmed_at) AS seen_at,
        -- One home however it is spelt: number and street as matching reads them, else the line itself.
        coalesce(said.house_number || ' ' || said.street_key, lower(said.address_line)) AS home
    FROM golden.crosswalk AS place
    JOIN staging.current_record AS said ON said.record_id = place.record_id
),
contact AS (  -- everything that happened until then, by what it was
    SELECT
        done.customer_id, done.source, done.occurred_at, done.channel, done.store, done.subject, done.emails, done.phones,
        done.currency, done.amount,
        done.interaction_type = ANY (declared.purchases) AND coalesce(done.amount, 0) >= 0
            AND NOT coalesce(lower(done.status) = ANY (declared.returned_statuses), false) AS bought,
        done.interaction_type = ANY (declared.returns) OR done.amount < 0
            OR coalesce(lower(done.status) = ANY (declared.returned_statuses), false) AS returned,
        done.interaction_type = ANY (declared.support) AS asked,
        done.interaction_type = ANY (declared.support)
            AND NOT coalesce(lower(done.status) = ANY (declared.solved_statuses), false) AS still_open,
        done.interaction_type = ANY (declared.bounces) AS bounced
    FROM golden.customer_interaction AS done, declared
    WHERE done.occurred_at <= as_of
),
bought AS (
    SELECT
        contact.customer_id,
        count(*) FILTER (WHERE contact.bought) AS orders,
        count(*) FILTER (WHERE contact.returned) AS returns,
        max(contact.occurred_at) FILTER (WHERE contact.bought) AS last_order_at,
        sum(contact.amount * rate.worth) FILTER (WHERE contact.bought OR contact.amount < 0) AS value,
        sum(contact.amount * rate.worth) FILTER (WHERE contact.bought) AS baskets,
        sum(contact.amount * rate.worth) FILTER (
            WHERE (contact.bought OR contact.amount < 0) AND contact.occurred_at > as_of - declared.tier_within) AS lately,
        count(*) FILTER (WHERE contact.bought AND rate.worth IS NOT NULL AND contact.amount IS NOT NULL) AS priced,
        count(*) FILTER (WHERE contact.asked) AS tickets,
        count(*) FILTER (WHERE contact.still_open) AS open_tickets,
        (array_agg(contact.subject ORDER BY contact.occurred_at DESC, contact.subject COLLATE "C")
            FILTER (WHERE contact.asked AND contact.subject IS NOT NULL))[1] AS last_topic,
        min(contact.occurred_at) AS first_at, max(contact.occurred_at) AS last_at,
        (array_agg(contact.channel ORDER BY contact.occurred_at DESC, contact.channel COLLATE "C")
            FILTER (WHERE contact.channel IS NOT NULL))[1] AS last_channel
    FROM contact CROSS JOIN declared LEFT JOIN rate ON rate.currency = contact.currency
    GROUP BY contact.customer_id
),
band AS (  -- fifths of those who bought; equal figures, equal band
    SELECT
        bought.customer_id,
        ceil(5 * cume_dist() OVER (ORDER BY bought.last_order_at))::int AS recency,
        ceil(5 * cume_dist() OVER (ORDER BY bought.orders))::int AS frequency,
        ceil(5 * cume_dist() OVER (ORDER BY coalesce(bought.value, 0)))::int AS monetary
    FROM bought WHERE bought.orders > 0
),
elsewhere AS (
    SELECT total.customer_id, jsonb_object_agg(total.currency, total.amount) AS amounts
    FROM (
        SELECT contact.customer_id, coalesce(contact.currency, 'unknown') AS currency, sum(contact.amount) AS amount
        FROM contact LEFT JOIN rate ON rate.currency = contact.currency
        WHERE rate.worth IS NULL AND contact.amount IS NOT NULL AND (contact.bought OR contact.amount < 0)
        GROUP BY contact.customer_id, coalesce(contact.currency, 'unknown')
    ) AS total
    GROUP BY total.customer_id
),
store AS (
    SELECT DISTINCT ON (visit.customer_id) visit.customer_id, visit.store
    FROM (
        SELECT contact.customer_id, contact.store, count(*) AS visits, max(contact.occurred_at) AS latest
        FROM contact WHERE contact.store IS NOT NULL AND contact.bought GROUP BY contact.customer_id, contact.store
    ) AS visit
    ORDER BY visit.customer_id, visit.visits DESC, visit.latest DESC, visit.store COLLATE "C"
),
sign AS (  -- every sign of a contact point: said by a record, or used in an interaction
    SELECT record.customer_id, 'email' AS kind, held.value, record.source, record.seen_at AS at,
        false AS bounced
    FROM record, unnest(record.emails) AS held (value)
    UNION ALL
    SELECT record.customer_id, 'phone', held.value, record.source, record.seen_at, false
    FROM record, unnest(record.phones) AS held (value)
    UNION ALL
    SELECT contact.customer_id, 'email', held.value, contact.source, contact.occurred_at, contact.bounced
    FROM contact, unnest(contact.emails) AS held (value)
    UNION ALL
    SELECT contact.customer_id, 'phone', held.value, contact.source, contact.occurred_at, contact.bounced
    FROM contact, unnest(contact.phones) AS held (value)
),
of_source AS (
    SELECT
        sign.customer_id, sign.kind, sign.value, sign.source,
        max(sign.at) FILTER (WHERE NOT sign.bounced) AS at, max(sign.at) FILTER (WHERE NOT sign.bounced AND sign.at <= as_of) AS last_at,
        max(sign.at) FILTER (WHERE sign.bounced) AS bounced_at
    FROM sign GROUP BY sign.customer_id, sign.kind, sign.value, sign.source
),
known AS (
    SELECT
        of_source.customer_id, of_source.kind, of_source.value, count(of_source.at) AS by_sources,
        max(of_source.last_at) AS last_at, max(of_source.bounced_at) AS bounced_at
    FROM of_source GROUP BY of_source.customer_id, of_source.kind, of_source.value
),
reach AS (
    SELECT
        held.customer_id, held.kind,
        jsonb_agg(jsonb_build_object('value', held.value, 'state', held.state, 'last_evidence', held.last_at)
            ORDER BY held.place) AS points,
        (array_agg(held.state ORDER BY held.place))[1] AS first_state
    FROM (
        SELECT
            golden_point.customer_id, golden_point.kind, golden_point.value, golden_point.place, known.last_at,
            CASE
                WHEN known.bounced_at >= coalesce(known.last_at, known.bounced_at) THEN 'bounced'
                WHEN known.last_at IS NULL OR known.last_at < as_of
                    - CASE golden_point.kind WHEN 'email' THEN declared.email_stale ELSE declared.phone_stale END THEN 'stale'
                WHEN known.by_sources > 1 THEN 'verified'
                ELSE 'stated'
            END AS state
        FROM (
            SELECT customer.customer_id, 'email' AS kind, held.value, held.place
            FROM golden.customer, unnest(customer.emails) WITH ORDINALITY AS held (value, place)
            UNION ALL
            SELECT customer.customer_id, 'phone', held.value, held.place
            FROM golden.customer, unnest(customer.phones) WITH ORDINALITY AS held (value, place)
        ) AS golden_point
        CROSS JOIN declared
        LEFT JOIN known ON known.customer_id = golden_point.customer_id AND known.kind = golden_point.kind
            AND known.value = golden_point.value
    ) AS held
    GROUP BY held.customer_id, held.kind
),
living AS (
    SELECT
        record.customer_id, record.home, max(record.seen_at) FILTER (WHERE record.seen_at <= as_of) AS last_at,
        count(DISTINCT record.source) AS by_sources,
        coalesce(bool_or(record.address_line = customer.address_line), false) AS golden,
        (array_agg(nullif(concat_ws(', ', record.address_line, record.postcode, record.city), '')
            ORDER BY record.seen_at DESC, record.record_id))[1] AS written
    FROM record JOIN golden.customer ON customer.customer_id = record.customer_id
    WHERE record.address_line IS NOT NULL
    GROUP BY record.customer_id, record.home
),
home AS (
    SELECT
        held.customer_id, (array_agg(held.state) FILTER (WHERE held.golden))[1] AS state,
        jsonb_agg(
            jsonb_build_object(
                'value', CASE WHEN held.golden THEN held.place ELSE held.written END, 'state', held.state, 'last_evidence', held.last_at
            ) ORDER BY held.golden DESC, held.last_at DESC NULLS LAST, held.written COLLATE "C"
        ) AS places
    FROM (
        SELECT
            living.*, nullif(concat_ws(', ', customer.address_line, customer.postcode, customer.city), '') AS place,
            CASE
                WHEN living.last_at IS NULL OR living.last_at < as_of - declared.address_stale THEN 'stale'
                WHEN living.by_sources > 1 THEN 'verified'
                ELSE 'stated'
            END AS state
        FROM living CROSS JOIN declared JOIN golden.customer ON customer.customer_id = living.customer_id
    ) AS held
    GROUP BY held.customer_id
),
seen AS (
    SELECT record.customer_id, min(record.first_seen_at) AS first_at,
        max(record.seen_at) FILTER (
            WHERE record.seen_at <= as_of) AS last_at
    FROM record GROUP BY record.customer_id
),
romanised AS (  -- of the record whose name is the golden one
    SELECT proof.customer_id, initcap(concat_ws(' ', record.given_key, record.family_key)) AS name
    FROM golden.provenance AS proof JOIN record ON record.record_id = proof.record_ids[1] AND record.customer_id = proof.customer_id
    WHERE proof.field = 'full_name'
),
tie AS (  -- each record's strongest tie to another of its customer
    SELECT ends.record_id, max(ends.probability) AS strongest
    FROM (
        SELECT unnest(ARRAY[edge.record_a, edge.record_b]) AS record_id, edge.probability
        FROM identity.edge
        JOIN golden.crosswalk AS a ON a.record_id = edge.record_a
        JOIN golden.crosswalk AS b ON b.record_id = edge.record_b AND b.customer_id = a.customer_id
    ) AS ends
    GROUP BY ends.record_id
),
confidence AS (
    SELECT place.customer_id, min(coalesce(tie.strongest, 0)) AS weakest
    FROM golden.crosswalk AS place LEFT JOIN tie ON tie.record_id = place.record_id
    GROUP BY place.customer_id
),
told AS (  -- when a source first told of a consent that bears no date
    SELECT
        proof.customer_id, max(record.source_time) FILTER (WHERE proof.field = 'email_consent') AS email_at,
        max(record.source_time) FILTER (WHERE proof.field = 'sms_consent') AS sms_at
    FROM golden.provenance AS proof JOIN record ON record.record_id = proof.record_ids[1] AND record.customer_id = proof.customer_id
    WHERE proof.field IN ('email_consent', 'sms_consent')
    GROUP BY proof.customer_id
),
house AS (
    SELECT member.customer_id, member.household_id, count(*) OVER (PARTITION BY member.household_id)::int AS members
    FROM golden.household_member AS member
),
again AS (
    SELECT customer_id, max(score) AS score FROM golden.repeat_registration GROUP BY customer_id
),
drawn AS (
    SELECT
        customer.*, born.day AS born_on,
        CASE
            WHEN customer.birth_date ~ '^\d{4}-\d{2}-\d{2}$' THEN 'day'
            WHEN customer.birth_date ~ '^\d{4}-\d{2}$' THEN 'month'
            WHEN customer.birth_date ~ '^\d{4}$' THEN 'year'
            WHEN customer.birth_date IS NOT NULL THEN 'without year'
        END AS precision,
        coalesce(customer.full_name, customer.company_name, customer.nickname) AS shown,
        nullif(concat_ws(', ', customer.address_line, customer.postcode, customer.city), '') AS place,
        ARRAY[
            CASE WHEN coalesce(customer.full_name, customer.company_name, customer.nickname) IS NULL THEN 'name' END,
            CASE WHEN cardinality(customer.emails) > 0 THEN NULL ELSE 'email' END,
            CASE WHEN cardinality(customer.phones) > 0 THEN NULL ELSE 'phone' END,
            CASE WHEN customer.country IS NULL THEN 'country' END,
            CASE WHEN customer.address_line IS NULL THEN 'address' END,
            CASE WHEN customer.birth_date IS NULL THEN 'birth_date' END,
            CASE WHEN customer.language IS NULL THEN 'language' END,
            CASE WHEN consent.email IS NULL OR consent.email = 'expired' THEN 'email_consent' END,
            CASE WHEN consent.sms IS NULL OR consent.sms = 'expired' THEN 'sms_consent' END,
            CASE WHEN cardinality(customer.loyalty_ids) > 0 THEN NULL ELSE 'loyalty_card' END,
            CASE WHEN cardinality(customer.handles) > 0 THEN NULL ELSE 'social_handle' END
        ] AS unknown,
        consent.email AS email_state, consent.sms AS sms_state
    FROM golden.customer
    CROSS JOIN declared
    LEFT JOIN told ON told.customer_id = customer.customer_id
    CROSS JOIN LATERAL (
        SELECT
            golden.consent_state(
                customer.email_consent, coalesce(customer.email_consent_at, told.email_at), declared.email_expires, as_of
            ) AS email,
            golden.consent_state(
                customer.sms_consent, coalesce(customer.sms_consent_at, told.sms_at), declared.sms_expires, as_of
            ) AS sms
    ) AS consent
    LEFT JOIN LATERAL (
        SELECT date_part('year', as_of)::int - substring(customer.birth_date FROM '^\d{4}')::int
            - CASE
                WHEN customer.birth_date ~ '^\d{4}-\d{2}-\d{2}$' AND to_char(as_of, 'MM-DD') < substring(customer.birth_date FROM 6)
                THEN 1 ELSE 0
            END AS day
    ) AS born ON true
),
lacking AS (  -- customers lack the same things over and over: each set of them is weighed once
    SELECT
        lack.unknown,
        coalesce(array_agg(point.name ORDER BY point.importance DESC, point.name COLLATE "C")
            FILTER (WHERE point.name = ANY (lack.unknown)), '{}') AS missing,
        (array_agg(point.question ORDER BY point.importance DESC, point.name COLLATE "C")
            FILTER (WHERE point.name = ANY (lack.unknown)))[1] AS question,
        round(1 - coalesce(sum(point.importance) FILTER (WHERE point.name = ANY (lack.unknown)), 0) / sum(point.importance), 3)
            AS completeness
    FROM (SELECT DISTINCT drawn.unknown FROM drawn) AS lack CROSS JOIN point
    GROUP BY lack.unknown
)
SELECT
    drawn.customer_id,
    drawn.shown, coalesce(nullif(romanised.name, ''), drawn.shown), drawn.language,
    drawn.birth_date, drawn.precision,
    CASE
        WHEN drawn.born_on IS NULL OR drawn.born_on < 0 THEN NULL
        WHEN drawn.born_on < 18 THEN 'under 18'
        WHEN drawn.born_on < 25 THEN '18-24'
        WHEN drawn.born_on < 75 THEN (25 + 10 * ((drawn.born_on - 25) / 10))::text || '-' || (34 + 10 * ((drawn.born_on - 25) / 10))::text
        ELSE '75 and over'
    END,
    drawn.emails[1], mail.first_state, coalesce(mail.points, '[]'),
    drawn.phones[1], call.first_state, coalesce(call.points, '[]'),
    drawn.place, CASE WHEN drawn.address_line IS NOT NULL THEN coalesce(home.state, 'stated') END, coalesce(home.places, '[]'),
    drawn.country, store.store,
    least(seen.first_at, bought.first_at), greatest(seen.last_at, bought.last_at), bought.last_channel,
    greatest(seen.last_at, bought.last_at) < as_of - declared.lapsed_after,
    coalesce(bought.orders, 0), round(bought.value, 2), declared.currency, coalesce(elsewhere.amounts, '{}'),
    round(bought.baskets / nullif(bought.priced, 0), 2),
    bought.last_order_at, band.recency, band.frequency, band.monetary,
    round(bought.returns::numeric / nullif(bought.orders + bought.returns, 0), 3),
    coalesce(bought.tickets, 0), coalesce(bought.open_tickets, 0), bought.last_topic,
    drawn.handles, drawn.loyalty_ids,
    CASE WHEN cardinality(drawn.loyalty_ids) > 0 THEN (
        SELECT tier.name FROM tier WHERE tier.from_value <= greatest(coalesce(bought.lately, 0), 0) ORDER BY tier.from_value DESC LIMIT 1
    ) END,
    CASE drawn.email_state WHEN 'granted' THEN true WHEN 'refused' THEN false END, drawn.email_state, drawn.email_consent_at,
    CASE drawn.sms_state WHEN 'granted' THEN true WHEN 'refused' THEN false END, drawn.sms_state, drawn.sms_consent_at,
    house.household_id, house.members, again.score,
    drawn.sources, drawn.record_count, CASE WHEN drawn.record_count > 1 THEN confidence.weakest END,
    lacking.completeness, lacking.missing, lacking.question,
    floor(extract(epoch FROM as_of - greatest(seen.last_at, bought.last_at)) / 86400)::int
FROM drawn
CROSS JOIN declared
JOIN lacking ON lacking.unknown = drawn.unknown
LEFT JOIN romanised ON romanised.customer_id = drawn.customer_id
LEFT JOIN reach AS mail ON mail.customer_id = drawn.customer_id AND mail.kind = 'email'
LEFT JOIN reach AS call ON call.customer_id = drawn.customer_id AND call.kind = 'phone'
LEFT JOIN home ON home.customer_id = drawn.customer_id
LEFT JOIN house ON house.customer_id = drawn.customer_id
LEFT JOIN again ON again.customer_id = drawn.customer_id
LEFT JOIN seen ON seen.customer_id = drawn.customer_id
LEFT JOIN bought ON bought.customer_id = drawn.customer_id
LEFT JOIN band ON band.customer_id = drawn.customer_id
LEFT JOIN elsewhere ON elsewhere.customer_id = drawn.customer_id
LEFT JOIN store ON store.customer_id = drawn.customer_id
LEFT JOIN confidence ON confidence.customer_id = drawn.customer_id
$$;
REVOKE ALL ON FUNCTION golden.profile_at(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION golden.profile_at(timestamptz) TO suki_resolve, suki_steward, suki_privacy;
GRANT SELECT ON golden.declared TO suki_resolve, suki_steward, suki_privacy;

-- What an analyst may see of it: no date of birth, and no free text of a ticket.
CREATE FUNCTION golden.v_profile_at(as_of timestamptz)
RETURNS TABLE (
    customer_id uuid, display_name text, romanised_name text, language text, age_band text,
    primary_email text, email_state text, emails jsonb, primary_phone text, phone_state text, phones jsonb,
    address text, address_state text, addresses jsonb, country text, home_store text,
    customer_since timestamptz, last_seen_at timestamptz, last_channel text, lapsed boolean,
    orders bigint, lifetime_value numeric, reporting_currency text, other_amounts jsonb, average_basket numeric,
    last_order_at timestamptz, recency_band int, frequency_band int, monetary_band int, return_share numeric,
    support_tickets bigint, open_tickets bigint, social_handles text[], loyalty_cards text[], loyalty_tier text,
    email_consent boolean, email_consent_state text, email_consent_at timestamptz,
    sms_consent boolean, sms_consent_state text, sms_consent_at timestamptz,
    household_id uuid, household_members int, repeat_registration_score double precision,
    sources text[], record_count int, match_confidence double precision,
    completeness numeric, missing text[], next_question text, days_since_evidence int
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
SELECT
    customer_id, display_name, romanised_name, language, age_band,
    primary_email, email_state, emails, primary_phone, phone_state, phones,
    address, address_state, addresses, country, home_store,
    customer_since, last_seen_at, last_channel, lapsed,
    orders, lifetime_value, reporting_currency, other_amounts, average_basket,
    last_order_at, recency_band, frequency_band, monetary_band, return_share,
    support_tickets, open_tickets, social_handles, loyalty_cards, loyalty_tier,
    email_consent, email_consent_state, email_consent_at, sms_consent, sms_consent_state, sms_consent_at,
    household_id, household_members, repeat_registration_score,
    sources, record_count, match_confidence,
    completeness, missing, next_question, days_since_evidence
FROM golden.profile_at(as_of)
$$;
REVOKE ALL ON FUNCTION golden.v_profile_at(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION golden.v_profile_at(timestamptz) TO suki_analyst;

CREATE VIEW golden.v_profile AS SELECT * FROM golden.v_profile_at(now());
GRANT SELECT ON golden.v_profile TO suki_analyst;
COMMENT ON VIEW golden.v_profile IS 'The whole picture of every customer, now. golden.v_profile_at(moment) is the same as of a moment';
COMMENT ON COLUMN golden.v_profile.customer_id IS 'The golden customer';
COMMENT ON COLUMN golden.v_profile.display_name IS 'The name in its own script; of a company its name, else what the shop calls them';
COMMENT ON COLUMN golden.v_profile.romanised_name IS 'The same in Latin letters, from the record that supplied the name';
COMMENT ON COLUMN golden.v_profile.language IS 'Preferred language, BCP 47';
COMMENT ON COLUMN golden.v_profile.age_band IS 'Under 18, 18-24, then by tens to 75 and over; none without a year of birth';
COMMENT ON COLUMN golden.v_profile.primary_email IS 'The address to write to: the best supported';
COMMENT ON COLUMN golden.v_profile.email_state IS 'verified: two sources have it; stated: one; stale: no sign for longer than declared; bounced: mail came back since';
COMMENT ON COLUMN golden.v_profile.emails IS 'All addresses, the best first: value, state, last_evidence';
COMMENT ON COLUMN golden.v_profile.primary_phone IS 'The number to call: the best supported';
COMMENT ON COLUMN golden.v_profile.phone_state IS 'As of e-mail addresses';
COMMENT ON COLUMN golden.v_profile.phones IS 'All numbers, the best first: value, state, last_evidence';
COMMENT ON COLUMN golden.v_profile.address IS 'Street, postcode, city in one line';
COMMENT ON COLUMN golden.v_profile.address_state IS 'verified, stated or stale, as of e-mail addresses; one home however it is spelt';
COMMENT ON COLUMN golden.v_profile.addresses IS 'All homes, the golden one first: value, state, last_evidence';
COMMENT ON COLUMN golden.v_profile.country IS 'ISO 3166-1 alpha-2';
COMMENT ON COLUMN golden.v_profile.home_store IS 'The store they buy in most; of equals the latest';
COMMENT ON COLUMN golden.v_profile.customer_since IS 'First known contact in any source';
COMMENT ON COLUMN golden.v_profile.last_seen_at IS 'Latest known contact in any source';
COMMENT ON COLUMN golden.v_profile.last_channel IS 'Channel of the latest interaction';
COMMENT ON COLUMN golden.v_profile.lapsed IS 'No contact of any kind for longer than declared';
COMMENT ON COLUMN golden.v_profile.orders IS 'Purchases that were not returned';
COMMENT ON COLUMN golden.v_profile.lifetime_value IS 'Purchases less returns, in the reporting currency, by the declared rates';
COMMENT ON COLUMN golden.v_profile.reporting_currency IS 'ISO 4217, declared';
COMMENT ON COLUMN golden.v_profile.other_amounts IS 'Currency > amount that is in no total, for it has no declared rate';
COMMENT ON COLUMN golden.v_profile.average_basket IS 'Mean purchase in the reporting currency';
COMMENT ON COLUMN golden.v_profile.last_order_at IS 'Latest purchase';
COMMENT ON COLUMN golden.v_profile.recency_band IS '1 to 5: in which fifth of all buyers by their latest purchase; 5 the latest';
COMMENT ON COLUMN golden.v_profile.frequency_band IS '1 to 5: by number of purchases; 5 the most';
COMMENT ON COLUMN golden.v_profile.monetary_band IS '1 to 5: by lifetime value; 5 the most';
COMMENT ON COLUMN golden.v_profile.return_share IS 'Returns among purchases and returns';
COMMENT ON COLUMN golden.v_profile.support_tickets IS 'Tickets they opened';
COMMENT ON COLUMN golden.v_profile.open_tickets IS 'Those not solved';
COMMENT ON COLUMN golden.v_profile.social_handles IS 'platform:handle';
COMMENT ON COLUMN golden.v_profile.loyalty_cards IS 'Card numbers';
COMMENT ON COLUMN golden.v_profile.loyalty_tier IS 'Of who has a card: the declared tier that purchases less returns of late reach';
COMMENT ON COLUMN golden.v_profile.email_consent IS 'Marketing by e-mail: the most restrictive answer; null: never asked, or expired';
COMMENT ON COLUMN golden.v_profile.email_consent_state IS 'granted, refused, or expired: granted longer ago than declared; null: never asked';
COMMENT ON COLUMN golden.v_profile.email_consent_at IS 'When it was answered; null where its source names no date';
COMMENT ON COLUMN golden.v_profile.sms_consent IS 'Marketing by text message, as of e-mail';
COMMENT ON COLUMN golden.v_profile.sms_consent_state IS 'The same of text messages';
COMMENT ON COLUMN golden.v_profile.sms_consent_at IS 'The same of text messages';
COMMENT ON COLUMN golden.v_profile.household_id IS 'Who they live with; null: nobody we know of';
COMMENT ON COLUMN golden.v_profile.household_members IS 'How many customers live there';
COMMENT ON COLUMN golden.v_profile.repeat_registration_score IS '0 to 1: how far several accounts at one source look like registering again on purpose; null: one account';
COMMENT ON COLUMN golden.v_profile.sources IS 'Sources that know them';
COMMENT ON COLUMN golden.v_profile.record_count IS 'Records that are this customer';
COMMENT ON COLUMN golden.v_profile.match_confidence IS 'Probability of the tie by which the loosest record hangs on; null with one record';
COMMENT ON COLUMN golden.v_profile.completeness IS '0 to 1: the declared importance of what is known, of all';
COMMENT ON COLUMN golden.v_profile.missing IS 'What is not known, the most important first';
COMMENT ON COLUMN golden.v_profile.next_question IS 'What to ask them first';
COMMENT ON COLUMN golden.v_profile.days_since_evidence IS 'Days since the latest sign of them in any source';
