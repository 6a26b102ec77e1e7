-- Only what differs is written, so that since_sequence says since when a row stands as it does.
DELETE FROM golden.household_tie AS old
WHERE
    $tied
    AND NOT EXISTS (SELECT FROM pg_temp.new_tie AS new WHERE (new.customer_a, new.customer_b) = (old.customer_a, old.customer_b));

INSERT INTO golden.household_tie AS old (customer_a, customer_b, household_id, evidence, worth, since_sequence)
SELECT customer_a, customer_b, household_id, evidence, worth, :sequence FROM pg_temp.new_tie
ON CONFLICT (customer_a, customer_b) DO UPDATE
SET household_id = excluded.household_id, evidence = excluded.evidence, worth = excluded.worth, since_sequence = :sequence
WHERE (old.household_id, old.evidence, old.worth) IS DISTINCT FROM (excluded.household_id, excluded.evidence, excluded.worth);

DELETE FROM golden.household_member AS old
WHERE
    $resident
    AND NOT EXISTS (SELECT FROM pg_temp.new_resident AS new WHERE new.customer_id = old.customer_id);

INSERT INTO golden.household_member AS old (customer_id, household_id, worth, since_sequence)
SELECT customer_id, household_id, worth, :sequence FROM pg_temp.new_resident
ON CONFLICT (customer_id) DO UPDATE
SET household_id = excluded.household_id, worth = excluded.worth, since_sequence = :sequence
WHERE (old.household_id, old.worth) IS DISTINCT FROM (excluded.household_id, excluded.worth);

DELETE FROM golden.household AS old
WHERE
    $housed
    AND NOT EXISTS (SELECT FROM golden.household_member AS member WHERE member.household_id = old.household_id);

INSERT INTO golden.household AS old (household_id, members, worth, since_sequence)
SELECT household_id, count(*), min(worth), :sequence FROM pg_temp.new_resident GROUP BY household_id
ON CONFLICT (household_id) DO UPDATE
SET members = excluded.members, worth = excluded.worth, since_sequence = :sequence
WHERE (old.members, old.worth) IS DISTINCT FROM (excluded.members, excluded.worth);

DELETE FROM golden.repeat_registration AS old
WHERE
    $again
    AND NOT EXISTS (SELECT FROM pg_temp.new_repeat AS new WHERE (new.customer_id, new.source) = (old.customer_id, old.source));

INSERT INTO golden.repeat_registration AS old
    (customer_id, source, accounts, score, flagged, evidence, first_at, last_at, first_orders, since_sequence)
SELECT customer_id, source, accounts, score, flagged, evidence, first_at, last_at, first_orders, :sequence FROM pg_temp.new_repeat
ON CONFLICT (customer_id, source) DO UPDATE
SET
    accounts = excluded.accounts, score = excluded.score, flagged = excluded.flagged, evidence = excluded.evidence,
    first_at = excluded.first_at, last_at = excluded.last_at, first_orders = excluded.first_orders, since_sequence = :sequence
WHERE
    (old.accounts, old.score, old.flagged, old.evidence, old.first_at, old.last_at, old.first_orders)
    IS DISTINCT FROM
    (
        excluded.accounts, excluded.score, excluded.flagged, excluded.evidence, excluded.first_at, excluded.last_at,
        excluded.first_orders
    );
