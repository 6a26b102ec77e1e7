-- What everybody answered, by the name of the answer, as it stands at the moment of the export.
CREATE TEMP TABLE consent ON COMMIT DROP AS
SELECT told.customer_id, asked.key AS field, told.state, told.expires_at
FROM golden.consent_reckoned_at(:as_of) AS told
JOIN (
    SELECT held.key, held.value ->> 'purpose' AS purpose, held.value ->> 'channel' AS channel
    FROM golden.declared, jsonb_each(declared.value -> 'consents') AS held
    WHERE declared.name = 'profile'
) AS asked ON asked.purpose = told.purpose AND asked.channel IS NOT DISTINCT FROM told.channel
