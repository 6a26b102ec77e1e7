-- One record a customer in a source is how it should be: each further one is the same person registered again.
INSERT INTO ops.audit_figure (dag_id, run_id, as_of, dimension, source, scope, field, good, whole)
SELECT :dag_id, :run_id, :as_of, 'uniqueness', held.source, coalesce(record.scope, ''), 'record',
    count(*) FILTER (WHERE held.place = 1), count(*)
FROM (
    SELECT record_id, source, row_number() OVER (PARTITION BY source, customer_id ORDER BY record_id) AS place
    FROM golden.crosswalk
) AS held
JOIN staging.record ON record.record_id = held.record_id
GROUP BY held.source, coalesce(record.scope, '');

-- Days are counted back from the newest delivery of any source, so that a stop of all of them at once is not told by each.
INSERT INTO ops.audit_figure (dag_id, run_id, as_of, dimension, source, scope, field, good, whole)
SELECT :dag_id, :run_id, :as_of, 'timeliness', seen.source, '', seen.stream,
    count(DISTINCT delivery.delivered_on), least(CAST(:days AS int), max(newest.day) - min(seen.first_day) + 1)
FROM (
    SELECT source, stream, min(delivered_on) AS first_day FROM ops.delivery WHERE status = 'accepted' GROUP BY source, stream
) AS seen
CROSS JOIN (SELECT max(delivered_on) AS day FROM ops.delivery WHERE status = 'accepted') AS newest
LEFT JOIN ops.delivery ON delivery.source = seen.source AND delivery.stream = seen.stream AND delivery.status = 'accepted'
    AND delivery.delivered_on > newest.day - CAST(:days AS int)
GROUP BY seen.source, seen.stream;

-- Volume: records that came or changed in those days, among all there are.
INSERT INTO ops.audit_figure (dag_id, run_id, as_of, dimension, source, scope, field, good, whole)
SELECT :dag_id, :run_id, :as_of, 'volume', said.source, coalesce(record.scope, ''), 'record',
    count(*) FILTER (WHERE said.confirmed_on > newest.day - CAST(:days AS int)), count(*)
FROM pg_temp.audited AS said
JOIN staging.record ON record.record_id = said.record_id
CROSS JOIN (SELECT max(delivered_on) AS day FROM ops.delivery WHERE status = 'accepted') AS newest
GROUP BY said.source, coalesce(record.scope, '');

-- Who is who, watched: how far records come together, how large the largest customer is, how much is left open, what pairs weigh and
-- how many ids were given up since a week.
INSERT INTO ops.audit_figure (dag_id, run_id, as_of, dimension, source, scope, field, good, whole)
SELECT :dag_id, :run_id, :as_of, 'identity', 'golden', '', watched.field, watched.good, watched.whole
FROM (
    SELECT 'records_per_customer' AS field, sum(record_count)::double precision AS good, count(*)::double precision AS whole
    FROM golden.customer
    UNION ALL
    SELECT 'largest_customer', max(record_count), sum(record_count) FROM golden.customer
    UNION ALL
    SELECT 'review_share', count(*) FILTER (WHERE band = 'review'), count(*) FROM identity.edge
    UNION ALL
    SELECT 'mean_match_weight', sum(weight), count(*) FROM identity.edge WHERE band = 'match'
    UNION ALL
    SELECT 'ids_given_up', count(DISTINCT change.customer_id), (SELECT count(*) FROM golden.customer)
    FROM golden.customer_change AS change
    WHERE change.change IN ('merged', 'retired') AND change.recorded_at > CAST(:as_of AS timestamptz) - interval '7 days'
) AS watched
WHERE watched.whole > 0;

-- Who is represented: of every country, store and age, how many of its customers each part holds that conclusions are drawn from.
INSERT INTO ops.audit_figure (dag_id, run_id, as_of, dimension, source, scope, field, good, whole)
SELECT :dag_id, :run_id, :as_of, 'coverage', part.segment, part.name, there.part, count(*) FILTER (WHERE there.held), count(*)
FROM golden.customer
LEFT JOIN (
    SELECT DISTINCT ON (place.customer_id) place.customer_id, record.scope
    FROM golden.crosswalk AS place
    JOIN staging.record ON record.record_id = place.record_id
    WHERE record.scope IS NOT NULL
    ORDER BY place.customer_id, record.record_id
) AS home ON home.customer_id = customer.customer_id
CROSS JOIN LATERAL (
    SELECT date_part('year', CAST(:as_of AS timestamptz))::int - substring(customer.birth_date FROM '^\d{4}')::int AS years
) AS age
CROSS JOIN LATERAL (
    VALUES
    ('all', ''), ('country', coalesce(customer.country, '')), ('store', coalesce(home.scope, '')),
    (
        'age',
        CASE
            WHEN age.years IS NULL OR age.years < 0 THEN '' WHEN age.years < 25 THEN 'under 25' WHEN age.years < 45 THEN '25-44'
            WHEN age.years < 65 THEN '45-64' ELSE '65 and over'
        END
    )
) AS part (segment, name)
CROSS JOIN LATERAL (
    VALUES
    ('reachable by e-mail', cardinality(customer.emails) > 0), ('reachable by phone', cardinality(customer.phones) > 0),
    ('with an address', customer.address_line IS NOT NULL), ('with an age', age.years IS NOT NULL),
    ('known to several sources', cardinality(customer.sources) > 1)
) AS there (part, held)
GROUP BY part.segment, part.name, there.part
