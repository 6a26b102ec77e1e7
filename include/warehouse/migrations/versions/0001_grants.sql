-- ingest: writes what sources say. It cannot read a source key back once written, nor see a golden customer.
GRANT USAGE ON SCHEMA ops, staging, privacy TO suki_ingest;
GRANT SELECT ON ALL TABLES IN SCHEMA ops TO suki_ingest;
GRANT INSERT ON ops.manifest, ops.delivery, ops.locator, ops.staged_manifest TO suki_ingest;
GRANT INSERT, UPDATE, DELETE ON ops.step_count, ops.quality_result, ops.drift TO suki_ingest;
GRANT INSERT ON staging.record TO suki_ingest;
GRANT SELECT (record_id, source, epoch, stream, key_id, scope) ON staging.record TO suki_ingest;
GRANT SELECT, INSERT, UPDATE, DELETE ON staging.record_version TO suki_ingest;
GRANT SELECT, INSERT ON staging.dirty_record TO suki_ingest;
GRANT SELECT, INSERT, UPDATE ON staging.interaction TO suki_ingest;
GRANT SELECT, INSERT ON staging.quarantine TO suki_ingest;
GRANT SELECT ON staging.latest_version, staging.current_record TO suki_ingest;
GRANT SELECT (token, kind) ON privacy.suppression TO suki_ingest;

-- resolve: reads what sources say, writes who is who and what we believe. Ledger, change feed and run reports are append-only to it.
GRANT USAGE ON SCHEMA ops, staging, identity, golden, privacy TO suki_resolve;
GRANT SELECT ON ALL TABLES IN SCHEMA ops TO suki_resolve;
GRANT INSERT ON ops.resolve_run TO suki_resolve;
GRANT INSERT, UPDATE, DELETE ON ops.step_count, ops.quality_result TO suki_resolve;
GRANT SELECT ON staging.record_version, staging.latest_version, staging.current_record TO suki_resolve;
GRANT SELECT (record_id, source, epoch, stream, scope) ON staging.record TO suki_resolve;
GRANT SELECT, DELETE ON staging.dirty_record TO suki_resolve;
GRANT SELECT, INSERT, UPDATE ON identity.match_model, identity.membership TO suki_resolve;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.edge, identity.alias TO suki_resolve;
GRANT SELECT, INSERT ON identity.customer_id_ledger TO suki_resolve;
GRANT SELECT ON identity.steward_decision TO suki_resolve;
GRANT SELECT, INSERT, UPDATE, DELETE ON golden.customer, golden.provenance, golden.crosswalk TO suki_resolve;
GRANT SELECT, INSERT, UPDATE ON golden.customer_history TO suki_resolve;
GRANT SELECT, INSERT ON golden.change_feed TO suki_resolve;
GRANT SELECT ON golden.customer_interaction, golden.v_customer_id TO suki_resolve;
GRANT SELECT (token, kind) ON privacy.suppression TO suki_resolve;

-- steward: sees people and evidence, decides pairs, and changes nothing else.
GRANT USAGE ON SCHEMA ops, staging, identity, golden TO suki_steward;
GRANT SELECT ON ALL TABLES IN SCHEMA ops TO suki_steward;
GRANT SELECT ON ALL TABLES IN SCHEMA identity TO suki_steward;
GRANT SELECT ON ALL TABLES IN SCHEMA golden TO suki_steward;
GRANT SELECT ON staging.latest_version, staging.current_record, staging.quarantine TO suki_steward;
GRANT INSERT ON identity.steward_decision, staging.dirty_record TO suki_steward;
GRANT UPDATE (withdrawn_at) ON identity.steward_decision TO suki_steward;

-- analyst: views alone.
GRANT USAGE ON SCHEMA golden TO suki_analyst;
GRANT SELECT ON
    golden.v_customer, golden.v_interaction, golden.v_crosswalk, golden.v_provenance, golden.v_customer_id, golden.v_change,
    golden.v_publication
TO suki_analyst;

-- privacy: may find everything kept on a person, and keeps the list of who must not come back.
GRANT USAGE ON SCHEMA ops, staging, identity, golden, privacy TO suki_privacy;
GRANT SELECT ON ALL TABLES IN SCHEMA ops TO suki_privacy;
GRANT SELECT ON ALL TABLES IN SCHEMA staging TO suki_privacy;
GRANT SELECT ON ALL TABLES IN SCHEMA identity TO suki_privacy;
GRANT SELECT ON ALL TABLES IN SCHEMA golden TO suki_privacy;
GRANT SELECT, INSERT, DELETE ON privacy.suppression TO suki_privacy;
