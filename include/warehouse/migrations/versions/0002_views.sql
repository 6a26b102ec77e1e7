-- As before, with the columns that came. What a later cleaning read anew has taken the place of the older reading already when it was
-- staged, so the order needs no more.
CREATE VIEW staging.latest_version AS
SELECT DISTINCT ON (record_id) *
FROM staging.record_version
ORDER BY record_id, confirmed_at DESC, confirmed_on DESC, deleted, content_hash COLLATE "C" DESC;

CREATE VIEW staging.current_record AS
SELECT * FROM staging.latest_version WHERE NOT deleted;

-- What became of every value the sources say now: kept as it came, missing, or what cleaning did to it and why.
CREATE VIEW staging.value_outcome AS
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
    'city', 'subdivision', 'postcode', 'country', 'email_consent', 'email_consent_at', 'sms_consent',
    'sms_consent_at', 'first_seen_at', 'last_seen_at', 'note'
);
