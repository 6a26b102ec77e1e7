-- A hash of each row, without since when it stands.
SELECT sha256(convert_to('tie ' || (to_jsonb(old) - 'since_sequence')::text, 'UTF8')) FROM golden.household_tie AS old WHERE $tied
UNION ALL
SELECT sha256(convert_to('member ' || (to_jsonb(old) - 'since_sequence')::text, 'UTF8')) FROM golden.household_member AS old WHERE $resident
UNION ALL
SELECT sha256(convert_to('repeat ' || (to_jsonb(old) - 'since_sequence')::text, 'UTF8'))
FROM golden.repeat_registration AS old
WHERE $again
