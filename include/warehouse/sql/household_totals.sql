-- What there is, counted.
SELECT
    (SELECT count(DISTINCT old.household_id) FROM golden.household_member AS old WHERE $resident) AS households,
    (SELECT count(*) FROM golden.household_member AS old WHERE $resident) AS household_members,
    (SELECT count(*) FROM golden.household_tie AS old WHERE $tied) AS household_ties,
    (SELECT count(*) FROM golden.repeat_registration AS old WHERE $again) AS repeat_registrations,
    (SELECT count(*) FROM golden.repeat_registration AS old WHERE $again AND old.flagged) AS repeat_flagged
