-- A hash of each row, without since when it stands.
SELECT sha256(convert_to('tie ' || (to_jsonb(tie) - 'since_sequence')::text, 'UTF8')) FROM golden.household_tie AS tie
UNION ALL
SELECT sha256(convert_to('member ' || (to_jsonb(member) - 'since_sequence')::text, 'UTF8')) FROM golden.household_member AS member
UNION ALL
SELECT sha256(convert_to('repeat ' || (to_jsonb(again) - 'since_sequence')::text, 'UTF8')) FROM golden.repeat_registration AS again
