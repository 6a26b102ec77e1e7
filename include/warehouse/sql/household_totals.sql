-- What there is now, counted.
SELECT
    (SELECT count(*) FROM golden.household) AS households,
    (SELECT count(*) FROM golden.household_member) AS household_members,
    (SELECT count(*) FROM golden.household_tie) AS household_ties,
    (SELECT count(*) FROM golden.repeat_registration) AS repeat_registrations,
    (SELECT count(*) FROM golden.repeat_registration WHERE flagged) AS repeat_flagged
