-- What an analyst may see of it: who answers for what, and how careful to be.
CREATE VIEW golden.v_source AS
SELECT
    registry.source, registry.title, registry.channel, registry.owner, registry.steward, registry.contact, registry.data,
    registry.countries, registry.trust, registry.schedule, registry.freshness_hours, registry.purpose, registry.lawful_basis,
    registry.origin, registry.expires, registry.match_only, registry.enabled, registry.recorded_at
FROM ops.source_registry AS registry;
COMMENT ON VIEW golden.v_source IS 'The register of sources: who answers for each, on what ground, when it comes.';

CREATE VIEW golden.v_source_field AS
SELECT
    field.source, field.stream, stream.kind, stream.comes_as, stream.volume_least, stream.volume_most, field.field,
    field.classification, field.trust, field.read_from
FROM ops.source_field AS field
INNER JOIN ops.source_stream AS stream ON field.source = stream.source AND field.stream = stream.stream;
COMMENT ON VIEW golden.v_source_field IS 'Every field that a source gives: how careful to be with it, how far it is believed.';

GRANT SELECT ON golden.v_source, golden.v_source_field TO suki_ingest, suki_resolve, suki_steward, suki_analyst, suki_privacy;
GRANT SELECT ON ops.source_registry, ops.source_stream, ops.source_field TO suki_ingest, suki_resolve, suki_steward, suki_privacy;
GRANT INSERT, UPDATE, DELETE ON ops.source_registry, ops.source_stream, ops.source_field TO suki_ingest;
