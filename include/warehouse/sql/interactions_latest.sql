-- The latest word on each interaction in this batch, what stands of it until now, and whether it takes that place: a later word does
-- that of an earlier one, and a later reading of the same word that of the earlier reading; so does the same content told later, with all
-- that its row says of its delivery, so that a word between the two, if it arrives last, is known to be old.
CREATE TEMP TABLE latest ON COMMIT DROP AS
SELECT
    told.*, standing.content_hash AS stood, standing.customer_record_id AS stood_of, standing.interaction_type AS stood_as,
    standing.mentioned_email_keys AS stood_mentioned,
    standing.record_id IS NULL
    OR (told.source_time, told.delivered_on, told.copy, told.cleaning_version, told.content_hash COLLATE "C")
    > (standing.source_time, standing.delivered_on, standing.copy, standing.cleaning_version, standing.content_hash COLLATE "C")
    AS takes_place
FROM (
    SELECT DISTINCT ON (record_id) *
    FROM pg_temp.told
    ORDER BY record_id, source_time DESC, delivered_on DESC, copy DESC, cleaning_version DESC, content_hash COLLATE "C" DESC, row_no
) AS told
LEFT JOIN staging.interaction AS standing ON standing.record_id = told.record_id
