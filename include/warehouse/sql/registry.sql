-- The register of sources becomes what the declarations say; what stands there already is not written again.
WITH told AS (
    SELECT * FROM jsonb_to_recordset(CAST(:sources AS jsonb)) AS told (
        source text, title text, channel text, owner text, steward text, contact text, data text [], countries text [],
        trust double precision, schedule text, freshness_hours integer, purpose text, lawful_basis text, origin text, expires date,
        match_only boolean, enabled boolean
    )
)

INSERT INTO ops.source_registry AS known (
    source, title, channel, owner, steward, contact, data, countries, trust, schedule, freshness_hours, purpose, lawful_basis, origin,
    expires, match_only, enabled
)
SELECT
    source, title, channel, owner, steward, contact, data, countries, trust, schedule, freshness_hours, purpose, lawful_basis, origin,
    expires, match_only, enabled
FROM told
ORDER BY source
ON CONFLICT (source) DO UPDATE SET
    title = excluded.title, channel = excluded.channel, owner = excluded.owner, steward = excluded.steward,
    contact = excluded.contact, data = excluded.data, countries = excluded.countries, trust = excluded.trust,
    schedule = excluded.schedule, freshness_hours = excluded.freshness_hours, purpose = excluded.purpose,
    lawful_basis = excluded.lawful_basis, origin = excluded.origin, expires = excluded.expires,
    match_only = excluded.match_only, enabled = excluded.enabled, recorded_at = now()
WHERE
    (
        known.title, known.channel, known.owner, known.steward, known.contact, known.data, known.countries, known.trust,
        known.schedule, known.freshness_hours, known.purpose, known.lawful_basis, known.origin, known.expires, known.match_only,
        known.enabled
    ) IS DISTINCT FROM (
        excluded.title, excluded.channel, excluded.owner, excluded.steward, excluded.contact, excluded.data, excluded.countries,
        excluded.trust, excluded.schedule, excluded.freshness_hours, excluded.purpose, excluded.lawful_basis, excluded.origin,
        excluded.expires, excluded.match_only, excluded.enabled
    );

WITH told AS (
    SELECT * FROM jsonb_to_recordset(CAST(:streams AS jsonb)) AS told (
        source text, stream text, kind text, comes_as text, volume_least bigint, volume_most bigint, left_out integer
    )
)

INSERT INTO ops.source_stream AS known (source, stream, kind, comes_as, volume_least, volume_most, left_out)
SELECT source, stream, kind, comes_as, volume_least, volume_most, left_out
FROM told
ORDER BY source, stream
ON CONFLICT (source, stream) DO UPDATE SET
    kind = excluded.kind, comes_as = excluded.comes_as, volume_least = excluded.volume_least,
    volume_most = excluded.volume_most, left_out = excluded.left_out, recorded_at = now()
WHERE
    (known.kind, known.comes_as, known.volume_least, known.volume_most, known.left_out)
    IS DISTINCT FROM (excluded.kind, excluded.comes_as, excluded.volume_least, excluded.volume_most, excluded.left_out);

WITH told AS (
    SELECT * FROM jsonb_to_recordset(CAST(:fields AS jsonb)) AS told (
        source text, stream text, field text, classification text, trust double precision, read_from text []
    )
)

INSERT INTO ops.source_field AS known (source, stream, field, classification, trust, read_from)
SELECT source, stream, field, classification, trust, read_from
FROM told
ORDER BY source, stream, field
ON CONFLICT (source, stream, field) DO UPDATE SET
    classification = excluded.classification, trust = excluded.trust, read_from = excluded.read_from, recorded_at = now()
WHERE
    (known.classification, known.trust, known.read_from)
    IS DISTINCT FROM (excluded.classification, excluded.trust, excluded.read_from);

DELETE FROM ops.source_field AS known
WHERE
    (:whole OR known.source = ANY(:names))
    AND NOT EXISTS (
        SELECT FROM jsonb_to_recordset(CAST(:fields AS jsonb)) AS told (source text, stream text, field text)
        WHERE told.source = known.source AND told.stream = known.stream AND told.field = known.field
    );

DELETE FROM ops.source_stream AS known
WHERE
    (:whole OR known.source = ANY(:names))
    AND NOT EXISTS (
        SELECT FROM jsonb_to_recordset(CAST(:streams AS jsonb)) AS told (source text, stream text)
        WHERE told.source = known.source AND told.stream = known.stream
    );

DELETE FROM ops.source_registry AS known
WHERE :whole AND known.source <> ALL(:names);
