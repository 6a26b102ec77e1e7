-- What everybody answered to being written to, as it stands at the moment of the export.
CREATE TEMP TABLE consent ON COMMIT DROP AS
SELECT customer_id, channel, state, expires_at FROM golden.v_consent_at(:as_of) WHERE purpose = :purpose
