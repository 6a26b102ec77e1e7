CREATE VIEW golden.v_household AS
SELECT household_id, members, worth, since_sequence FROM golden.household;

CREATE VIEW golden.v_household_member AS
SELECT household_id, customer_id, worth, since_sequence FROM golden.household_member;

CREATE VIEW golden.v_household_tie AS
SELECT household_id, customer_a, customer_b, evidence, worth, since_sequence FROM golden.household_tie;

CREATE VIEW golden.v_repeat_registration AS
SELECT customer_id, source, accounts, score, flagged, evidence, first_at, last_at, since_sequence FROM golden.repeat_registration;

GRANT SELECT ON
    golden.v_household, golden.v_household_member, golden.v_household_tie, golden.v_repeat_registration
TO suki_analyst, suki_steward, suki_privacy, suki_resolve;

GRANT SELECT ON
    ops.household_run, golden.household, golden.household_member, golden.household_tie, golden.repeat_registration
TO suki_resolve, suki_steward, suki_privacy;

GRANT SELECT ON ops.household_run TO suki_ingest;

GRANT INSERT ON ops.household_run TO suki_resolve;

GRANT INSERT, UPDATE, DELETE ON
    golden.household, golden.household_member, golden.household_tie, golden.repeat_registration
TO suki_resolve;
