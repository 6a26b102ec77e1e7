-- What the source said last of each record. Deterministic whatever the order of arrival: the latest word by its own time, then by its
-- delivery; where a source says both in one breath, a living record wins over a deleted one, and the larger hash over the smaller.
CREATE VIEW staging.latest_version AS
SELECT DISTINCT ON (record_id) *
FROM staging.record_version
ORDER BY record_id, confirmed_at DESC, confirmed_on DESC, deleted, content_hash COLLATE "C" DESC;

CREATE VIEW staging.current_record AS
SELECT * FROM staging.latest_version WHERE NOT deleted;

-- Interactions of golden customers, through the crosswalk: they follow their record wherever it goes.
CREATE VIEW golden.customer_interaction AS
SELECT
    crosswalk.customer_id, interaction.record_id, interaction.customer_record_id, interaction.source, interaction.stream,
    interaction.interaction_type, interaction.occurred_at, interaction.channel, interaction.store, interaction.status,
    interaction.amount, interaction.currency, interaction.item_count, interaction.subject, interaction.body,
    interaction.emails, interaction.phones, interaction.handles, interaction.details
FROM staging.interaction
JOIN golden.crosswalk ON crosswalk.record_id = interaction.customer_record_id
WHERE NOT interaction.deleted;

-- The views of analysts: no staff notes, no free text, no date of birth or gender.
CREATE VIEW golden.v_customer AS
SELECT
    customer_id, full_name, title, given_name, middle_name, family_name, name_suffix, nickname, company_name, language,
    emails, phones, handles, loyalty_ids, external_ids, address_line, city, subdivision, postcode, country,
    email_consent, email_consent_at, sms_consent, sms_consent_at, first_seen_at, last_seen_at,
    substring(birth_date FROM '^[0-9]{4}')::int AS birth_year,
    region, sources, record_count
FROM golden.customer;

CREATE VIEW golden.v_interaction AS
SELECT
    customer_id, record_id, source, stream, interaction_type, occurred_at, channel, store, status, amount, currency, item_count
FROM golden.customer_interaction;

CREATE VIEW golden.v_crosswalk AS
SELECT record_id, customer_id, source, stream FROM golden.crosswalk;

CREATE VIEW golden.v_provenance AS
SELECT customer_id, field, record_ids, rule, agreeing, holding FROM golden.provenance;

-- Every customer id ever published, and who answers to it now; null once nobody does.
CREATE VIEW golden.v_customer_id AS
SELECT
    ledger.customer_id AS published_id,
    coalesce(living.customer_id, holder.customer_id, heir.customer_id) AS customer_id
FROM identity.customer_id_ledger AS ledger
LEFT JOIN golden.customer AS living ON living.customer_id = ledger.customer_id
LEFT JOIN golden.crosswalk AS holder ON holder.record_id = ledger.anchor_record_id
LEFT JOIN identity.alias ON alias.customer_id = ledger.customer_id
LEFT JOIN golden.customer AS heir ON heir.customer_id = alias.became;

CREATE VIEW golden.v_change AS
SELECT change_id, sequence, customer_id, change, fields, became, recorded_at FROM golden.change_feed;

CREATE VIEW golden.v_publication AS
SELECT sequence, resolve_id, status, model_version, content_hash, report, recorded_at FROM ops.resolve_run;
