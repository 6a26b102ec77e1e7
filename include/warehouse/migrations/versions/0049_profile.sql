-- The whole picture of every customer, as one text for the three that tell it: golden.profile_at, as of a day and as believed on another;
-- golden.profile_reckoned_at, what is believed now reckoned at a moment; and golden.v_profile, out of which one customer can be asked for. Everything in it is by customer_id, so that a condition on it reaches every
-- table by its index; the bands alone compare a customer with all others.
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
        (value #>> ARRAY['purposes', value #>> '{consents,sms_consent,purpose}', 'expires_after'])::int AS sms_expires,
        (value #>> ARRAY['purposes', value #>> '{consents,phone_consent,purpose}', 'expires_after'])::int AS phone_expires,
        (value #>> ARRAY['purposes', value #>> '{consents,post_consent,purpose}', 'expires_after'])::int AS post_expires,
        (value #>> ARRAY['purposes', value #>> '{consents,profiling_consent,purpose}', 'expires_after'])::int AS profiling_expires
    FROM golden.declared WHERE name = 'profile'
),
rate AS (SELECT held.key AS currency, held.value::numeric AS worth FROM declared, jsonb_each_text(declared.value -> 'rates') AS held),
asked AS MATERIALIZED (  -- what a customer may lack, the most important first
    SELECT
        array_agg(point.name ORDER BY point.importance DESC, point.name COLLATE "C") AS names,
        array_agg(point.importance ORDER BY point.importance DESC, point.name COLLATE "C") AS importances,
        array_agg(point.question ORDER BY point.importance DESC, point.name COLLATE "C") AS questions,
        sum(point.importance) AS importance
    FROM (
        SELECT held.key AS name, (held.value ->> 'importance')::numeric AS importance, held.value ->> 'question' AS question
        FROM declared, jsonb_each(declared.value -> 'points') AS held
    ) AS point
),
tier AS MATERIALIZED (
    SELECT held.key AS name, held.value::numeric AS from_value
    FROM declared, jsonb_each_text(declared.value #> '{loyalty,tiers}') AS held
),
record AS $kept (
    SELECT
        place.customer_id, said.record_id, said.full_name, said.source, said.given_key, said.family_key, said.emails, said.phones,
        said.address_line, said.postcode, said.city, said.first_seen_at, said.source_time,
        CASE
            WHEN coalesce(said.last_seen_at, said.confirmed_at) > $as_of THEN said.source_time
            ELSE coalesce(said.last_seen_at, said.confirmed_at)
        END AS seen_at,
        -- One home however it is spelt: number and street as matching reads them, else the line itself.
        coalesce(said.house_number || ' ' || said.street_key, lower(said.address_line)) AS home
    FROM $places AS place
    CROSS JOIN LATERAL $word AS said
    WHERE NOT said.deleted
),
contact AS $kept (  -- everything that happened until then, by what it was
    SELECT
        done.customer_id, done.source, done.occurred_at, done.channel, done.store, done.subject, done.emails, done.phones,
        done.currency, done.amount, done.customer_record_id,
        done.interaction_type = ANY (declared.purchases) AND coalesce(done.amount, 0) >= 0
            AND NOT coalesce(lower(done.status) = ANY (declared.returned_statuses), false) AS bought,
        done.interaction_type = ANY (declared.returns) OR done.amount < 0
            OR coalesce(lower(done.status) = ANY (declared.returned_statuses), false) AS returned,
        done.interaction_type = ANY (declared.support) AS asked,
        done.interaction_type = ANY (declared.support)
            AND NOT coalesce(lower(done.status) = ANY (declared.solved_statuses), false) AS still_open,
        done.interaction_type = ANY (declared.bounces) AS bounced
    FROM $interactions AS done, declared
    WHERE done.occurred_at <= $as_of
),
bought AS $kept (
    SELECT
        contact.customer_id,
        count(*) FILTER (WHERE contact.bought) AS orders,
        count(*) FILTER (WHERE contact.returned) AS returns,
        max(contact.occurred_at) FILTER (WHERE contact.bought) AS last_order_at,
        sum(contact.amount * rate.worth) FILTER (WHERE contact.bought OR contact.amount < 0) AS value,
        sum(contact.amount * rate.worth) FILTER (WHERE contact.bought) AS baskets,
        sum(contact.amount * rate.worth) FILTER (
            WHERE (contact.bought OR contact.amount < 0) AND contact.occurred_at > $as_of - declared.tier_within) AS lately,
        count(*) FILTER (WHERE contact.bought AND rate.worth IS NOT NULL AND contact.amount IS NOT NULL) AS priced,
        count(*) FILTER (WHERE contact.asked) AS tickets,
        count(*) FILTER (WHERE contact.still_open) AS open_tickets,
        (array_agg(contact.subject ORDER BY contact.occurred_at DESC, contact.subject COLLATE "C")
            FILTER (WHERE contact.asked AND contact.subject IS NOT NULL))[1] AS last_topic,
        -- What came back unread is no sign of theirs.
        min(contact.occurred_at) FILTER (WHERE NOT contact.bounced) AS first_at,
        max(contact.occurred_at) FILTER (WHERE NOT contact.bounced) AS last_at,
        (array_agg(contact.channel ORDER BY contact.occurred_at DESC, contact.channel COLLATE "C")
            FILTER (WHERE contact.channel IS NOT NULL AND NOT contact.bounced))[1] AS last_channel
    FROM contact CROSS JOIN declared LEFT JOIN rate ON rate.currency = contact.currency
    GROUP BY contact.customer_id
),
band AS (  -- fifths of those who bought; equal figures, equal band. One row a customer, said so that it is left out where nobody asks
    SELECT DISTINCT ON (bought.customer_id)
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
    -- A source that repeats what it has says nothing of whether mail comes through: against what came back stands when it was told.
    SELECT record.customer_id, 'email' AS kind, held.value, record.source, record.seen_at AS at, record.source_time AS told_at,
        false AS bounced
    FROM record, unnest(record.emails) AS held (value)
    UNION ALL
    SELECT record.customer_id, 'phone', held.value, record.source, record.seen_at, record.source_time, false
    FROM record, unnest(record.phones) AS held (value)
    UNION ALL
    SELECT contact.customer_id, 'email', held.value, contact.source, contact.occurred_at, contact.occurred_at, contact.bounced
    FROM contact, unnest(contact.emails) AS held (value)
    UNION ALL
    SELECT contact.customer_id, 'phone', held.value, contact.source, contact.occurred_at, contact.occurred_at, contact.bounced
    FROM contact, unnest(contact.phones) AS held (value)
),
of_source AS (
    SELECT
        sign.customer_id, sign.kind, sign.value, sign.source,
        max(sign.at) FILTER (WHERE NOT sign.bounced) AS at, max(sign.at) FILTER (WHERE NOT sign.bounced AND sign.at <= $as_of) AS last_at,
        max(sign.told_at) FILTER (WHERE NOT sign.bounced AND sign.told_at <= $as_of) AS told_at,
        max(sign.at) FILTER (WHERE sign.bounced) AS bounced_at
    FROM sign GROUP BY sign.customer_id, sign.kind, sign.value, sign.source
),
known AS (
    SELECT
        of_source.customer_id, of_source.kind, of_source.value, count(of_source.at) AS by_sources,
        max(of_source.last_at) AS last_at, max(of_source.told_at) AS told_at, max(of_source.bounced_at) AS bounced_at
    FROM of_source GROUP BY of_source.customer_id, of_source.kind, of_source.value
),
reach AS $kept (
    SELECT
        held.customer_id, held.kind,
        jsonb_agg(jsonb_build_object('value', held.value, 'state', held.state, 'last_evidence', held.last_at)
            ORDER BY held.place) AS points,
        (array_agg(held.state ORDER BY held.place))[1] AS first_state
    FROM (
        SELECT
            golden_point.customer_id, golden_point.kind, golden_point.value, golden_point.place, known.last_at,
            CASE
                WHEN known.bounced_at >= coalesce(known.told_at, known.bounced_at) THEN 'bounced'
                WHEN known.last_at IS NULL OR known.last_at < $as_of
                    - CASE golden_point.kind WHEN 'email' THEN declared.email_stale ELSE declared.phone_stale END THEN 'stale'
                WHEN known.by_sources > 1 THEN 'verified'
                ELSE 'stated'
            END AS state
        FROM (
            SELECT customer.customer_id, 'email' AS kind, held.value, held.place
            FROM $customers AS customer, unnest(customer.emails) WITH ORDINALITY AS held (value, place)
            UNION ALL
            SELECT customer.customer_id, 'phone', held.value, held.place
            FROM $customers AS customer, unnest(customer.phones) WITH ORDINALITY AS held (value, place)
        ) AS golden_point
        CROSS JOIN declared
        LEFT JOIN known ON known.customer_id = golden_point.customer_id AND known.kind = golden_point.kind
            AND known.value = golden_point.value
    ) AS held
    GROUP BY held.customer_id, held.kind
),
sent_back AS (  -- post that came back: from the home that its record tells, else from the one believed
    SELECT
        contact.customer_id, CASE WHEN record.address_line IS NOT NULL THEN record.record_id END AS record_id,
        max(contact.occurred_at) AS at
    FROM contact
    LEFT JOIN record ON record.customer_id = contact.customer_id AND record.record_id = contact.customer_record_id
    WHERE contact.bounced AND contact.channel = 'post'
    GROUP BY contact.customer_id, CASE WHEN record.address_line IS NOT NULL THEN record.record_id END
),
living AS (
    SELECT
        record.customer_id, record.home, max(record.seen_at) FILTER (WHERE record.seen_at <= $as_of) AS last_at,
        count(DISTINCT record.source) AS by_sources, max(record.source_time) AS said_at, max(sent_back.at) AS sent_back_at,
        coalesce(bool_or(record.address_line = customer.address_line), false) AS golden,
        (array_agg(nullif(concat_ws(', ', record.address_line, record.postcode, record.city), '')
            ORDER BY record.seen_at DESC, record.record_id))[1] AS written
    FROM record
    JOIN $customers AS customer ON customer.customer_id = record.customer_id
    LEFT JOIN sent_back
        ON sent_back.customer_id = record.customer_id
        AND (sent_back.record_id = record.record_id OR (sent_back.record_id IS NULL AND record.address_line = customer.address_line))
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
                WHEN living.sent_back_at >= living.said_at THEN 'bounced'
                WHEN living.last_at IS NULL OR living.last_at < $as_of - declared.address_stale THEN 'stale'
                WHEN living.by_sources > 1 THEN 'verified'
                ELSE 'stated'
            END AS state
        FROM living CROSS JOIN declared JOIN $customers AS customer ON customer.customer_id = living.customer_id
    ) AS held
    GROUP BY held.customer_id
),
seen AS (
    SELECT record.customer_id, min(record.first_seen_at) AS first_at,
        max(record.seen_at) FILTER (
            WHERE record.seen_at <= $as_of) AS last_at
    FROM record GROUP BY record.customer_id
),
romanised AS (  -- of the record whose name is the golden one
    $romanised
),
confidence AS (  -- each record's strongest tie to another of its customer; the loosest of them
    $confidence
),
told AS (  -- when a source first told of a consent that bears no date
    SELECT
        proof.customer_id,
        max(record.source_time) FILTER (
            WHERE record.record_id = proof.record_ids[(said.email_consent #>> '{3,0}')::int]) AS email_at,
        max(record.source_time) FILTER (
            WHERE record.record_id = proof.record_ids[(said.sms_consent #>> '{3,0}')::int]) AS sms_at,
        max(record.source_time) FILTER (
            WHERE record.record_id = proof.record_ids[(said.phone_consent #>> '{3,0}')::int]) AS phone_at,
        max(record.source_time) FILTER (
            WHERE record.record_id = proof.record_ids[(said.post_consent #>> '{3,0}')::int]) AS post_at,
        max(record.source_time) FILTER (
            WHERE record.record_id = proof.record_ids[(said.profiling_consent #>> '{3,0}')::int]) AS profiling_at
    FROM golden.proof
    -- Looked for once: in a text every look goes through it.
    CROSS JOIN LATERAL json_to_record(proof.$proof) AS said (
        email_consent json, sms_consent json, phone_consent json, post_consent json, profiling_consent json
    )
    JOIN record ON record.customer_id = proof.customer_id
    WHERE coalesce(
        said.email_consent, said.sms_consent, said.phone_consent, said.post_consent, said.profiling_consent
    ) IS NOT NULL
    GROUP BY proof.customer_id
),
house AS (
    SELECT member.customer_id, member.household_id, home.members
    FROM $housed AS member
    CROSS JOIN LATERAL (
        SELECT count(*)::int AS members FROM $housed AS its WHERE its.household_id = member.household_id
    ) AS home
),
again AS (
    SELECT again.customer_id, max(again.score) AS score FROM $registered AS again GROUP BY again.customer_id
),
drawn AS (
    SELECT
        customer.*, born.day AS born_on,
        -- Not the column itself: joined by a constant, as where one customer is asked for, the bands could not be left out.
        coalesce(customer.customer_id, customer.customer_id) AS buyer_id,
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
            CASE WHEN consent.phone IS NULL OR consent.phone = 'expired' THEN 'phone_consent' END,
            CASE WHEN consent.post IS NULL OR consent.post = 'expired' THEN 'post_consent' END,
            CASE WHEN consent.profiling IS NULL OR consent.profiling = 'expired' THEN 'profiling_consent' END,
            CASE WHEN cardinality(customer.loyalty_ids) > 0 THEN NULL ELSE 'loyalty_card' END,
            CASE WHEN cardinality(customer.handles) > 0 THEN NULL ELSE 'social_handle' END
        ] AS unknown,
        consent.email AS may_email, consent.sms AS may_sms, consent.phone AS may_phone, consent.post AS may_post,
        consent.profiling AS may_profile
    FROM $customers AS customer
    CROSS JOIN declared
    LEFT JOIN told ON told.customer_id = customer.customer_id
    CROSS JOIN LATERAL (
        SELECT
            golden.consent_state(
                customer.email_consent, coalesce(customer.email_consent_at, $told_before(customer.email_told_at)told.email_at), declared.email_expires, $as_of
            ) AS email,
            golden.consent_state(
                customer.sms_consent, coalesce(customer.sms_consent_at, $told_before(customer.sms_told_at)told.sms_at), declared.sms_expires, $as_of
            ) AS sms,
            golden.consent_state(
                customer.phone_consent, coalesce(customer.phone_consent_at, $told_before(customer.phone_told_at)told.phone_at), declared.phone_expires, $as_of
            ) AS phone,
            golden.consent_state(
                customer.post_consent, coalesce(customer.post_consent_at, $told_before(customer.post_told_at)told.post_at), declared.post_expires, $as_of
            ) AS post,
            golden.consent_state(
                customer.profiling_consent, coalesce(customer.profiling_consent_at, $told_before(customer.profiling_told_at)told.profiling_at), declared.profiling_expires, $as_of
            ) AS profiling
    ) AS consent
    LEFT JOIN LATERAL (
        SELECT date_part('year', $as_of)::int - substring(customer.birth_date FROM '^\d{4}')::int
            - CASE
                WHEN customer.birth_date ~ '^\d{4}-\d{2}-\d{2}$' AND to_char($as_of, 'MM-DD') < substring(customer.birth_date FROM 6)
                THEN 1 ELSE 0
            END AS day
    ) AS born ON true
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
    greatest(seen.last_at, bought.last_at) < $as_of - declared.lapsed_after,
    coalesce(bought.orders, 0), round(bought.value, 2), declared.currency, coalesce(elsewhere.amounts, '{}'),
    round(bought.baskets / nullif(bought.priced, 0), 2),
    bought.last_order_at, band.recency, band.frequency, band.monetary,
    round(bought.returns::numeric / nullif(bought.orders + bought.returns, 0), 3),
    coalesce(bought.tickets, 0), coalesce(bought.open_tickets, 0), bought.last_topic,
    drawn.handles, drawn.loyalty_ids,
    CASE WHEN cardinality(drawn.loyalty_ids) > 0 THEN (
        SELECT tier.name FROM tier WHERE tier.from_value <= greatest(coalesce(bought.lately, 0), 0) ORDER BY tier.from_value DESC LIMIT 1
    ) END,
    CASE drawn.may_email WHEN 'granted' THEN true WHEN 'refused' THEN false END, drawn.may_email, drawn.email_consent_at,
    CASE drawn.may_sms WHEN 'granted' THEN true WHEN 'refused' THEN false END, drawn.may_sms, drawn.sms_consent_at,
    CASE drawn.may_phone WHEN 'granted' THEN true WHEN 'refused' THEN false END, drawn.may_phone, drawn.phone_consent_at,
    CASE drawn.may_post WHEN 'granted' THEN true WHEN 'refused' THEN false END, drawn.may_post, drawn.post_consent_at,
    CASE drawn.may_profile WHEN 'granted' THEN true WHEN 'refused' THEN false END, drawn.may_profile, drawn.profiling_consent_at,
    house.household_id, house.members, again.score,
    drawn.sources, drawn.record_count, CASE WHEN drawn.record_count > 1 THEN confidence.weakest END,
    lacking.completeness, lacking.missing, lacking.question,
    floor(extract(epoch FROM $as_of - greatest(seen.last_at, bought.last_at)) / 86400)::int
FROM drawn
CROSS JOIN declared
CROSS JOIN asked
CROSS JOIN LATERAL (
    SELECT
        coalesce(array_agg(asked.names[point.place] ORDER BY point.place), '{}') AS missing,
        asked.questions[min(point.place)] AS question,
        round(1 - coalesce(sum(asked.importances[point.place]), 0) / asked.importance, 3) AS completeness
    -- What is unknown is worked out once a customer: held against each point it would be once a point.
    FROM (SELECT array_position(asked.names, held.name) AS place FROM unnest(drawn.unknown) AS held (name)) AS point
    WHERE point.place IS NOT NULL
) AS lacking
LEFT JOIN romanised ON romanised.customer_id = drawn.customer_id
LEFT JOIN reach AS mail ON mail.customer_id = drawn.customer_id AND mail.kind = 'email'
LEFT JOIN reach AS call ON call.customer_id = drawn.customer_id AND call.kind = 'phone'
LEFT JOIN home ON home.customer_id = drawn.customer_id
LEFT JOIN house ON house.customer_id = drawn.customer_id
LEFT JOIN again ON again.customer_id = drawn.customer_id
LEFT JOIN seen ON seen.customer_id = drawn.customer_id
LEFT JOIN bought ON bought.customer_id = drawn.customer_id
LEFT JOIN band ON band.customer_id = drawn.buyer_id
LEFT JOIN elsewhere ON elsewhere.customer_id = drawn.customer_id
LEFT JOIN store ON store.customer_id = drawn.customer_id
LEFT JOIN confidence ON confidence.customer_id = drawn.customer_id
