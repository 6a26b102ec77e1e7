-- What the sources say now, with the answers that came: a view of everything is of the columns there were.
CREATE OR REPLACE VIEW staging.latest_version AS
SELECT DISTINCT ON (record_id) *
FROM staging.record_version
ORDER BY record_id, confirmed_at DESC, confirmed_on DESC, deleted, content_hash COLLATE "C" DESC;

CREATE OR REPLACE VIEW staging.current_record AS
SELECT * FROM staging.latest_version WHERE NOT deleted;

CREATE OR REPLACE VIEW staging.value_outcome AS
SELECT
    record.record_id, record.source, record.stream, record.source_time, record.cleaning_version, held.field,
    coalesce(change.outcome, CASE WHEN held.value IN ('null', '[]') THEN 'missing' ELSE 'kept' END) AS outcome,
    change.rule, change.reason, change.old, change.new, change.source AS inferred_from, change.confidence
FROM staging.current_record AS record
CROSS JOIN LATERAL jsonb_each(to_jsonb(record)) AS held (field, value)
LEFT JOIN LATERAL jsonb_to_recordset(coalesce(record.changes, '[]')) AS change (
    field text, outcome text, rule text, reason text, old text, new text, source text, confidence double precision
) ON change.field = held.field
WHERE held.field IN (
    'full_name', 'title', 'given_name', 'middle_name', 'family_name', 'name_suffix', 'nickname', 'company_name',
    'birth_date', 'gender', 'language', 'emails', 'phones', 'handles', 'loyalty_ids', 'external_ids', 'address_line',
    'city', 'subdivision', 'postcode', 'country', 'email_consent', 'email_consent_at', 'sms_consent', 'sms_consent_at',
    'phone_consent', 'phone_consent_at', 'post_consent', 'post_consent_at', 'profiling_consent', 'profiling_consent_at',
    'first_seen_at', 'last_seen_at', 'note'
);

CREATE OR REPLACE VIEW golden.v_customer AS
SELECT
    customer_id, full_name, title, given_name, middle_name, family_name, name_suffix, nickname, company_name, language,
    emails, phones, handles, loyalty_ids, external_ids, address_line, city, subdivision, postcode, country,
    email_consent, email_consent_at, sms_consent, sms_consent_at, first_seen_at, last_seen_at,
    substring(birth_date FROM '^[0-9]{4}')::int AS birth_year,
    region, sources, record_count,
    phone_consent, phone_consent_at, post_consent, post_consent_at, profiling_consent, profiling_consent_at
FROM golden.customer;

-- Every answer by purpose and channel, with its date, who told of it, and where it stands in what was delivered.
CREATE OR REPLACE FUNCTION golden.v_consent_at(as_of timestamptz)
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
    SELECT customer.customer_id, given.field, given.said, given.said_at
    FROM golden.customer
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
COMMENT ON COLUMN golden.v_consent.channel IS 'By which channel, as declared; null where the purpose has none, as profiling';
