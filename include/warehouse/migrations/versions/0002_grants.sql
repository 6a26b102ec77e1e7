GRANT SELECT ON staging.latest_version, staging.current_record TO suki_ingest, suki_resolve, suki_steward, suki_privacy;
GRANT SELECT ON staging.value_outcome TO suki_steward, suki_privacy;

GRANT SELECT ON ops.cleaning, ops.field_profile, ops.field_quality, ops.date_order_seen, ops.learned_order
TO suki_ingest, suki_resolve, suki_steward, suki_privacy;
GRANT INSERT ON ops.cleaning, ops.learned_order TO suki_ingest;
GRANT INSERT, UPDATE, DELETE ON ops.field_profile, ops.field_quality, ops.date_order_seen TO suki_ingest;
