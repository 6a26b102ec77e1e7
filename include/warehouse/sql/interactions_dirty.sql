-- Marks for resolve: records of whose interactions one mentions other e-mails than before, or is no longer theirs. One that is not known
-- yet needs none: it is marked when it comes.
INSERT INTO staging.dirty_record (record_id, reason)
SELECT DISTINCT told.record_id, 'wrote'
FROM pg_temp.latest
CROSS JOIN LATERAL (
    VALUES (latest.customer_record_id, latest.mentioned_email_keys), (latest.stood_of, latest.stood_mentioned)
) AS told (record_id, mentioned)
WHERE
    latest.takes_place AND coalesce(told.mentioned, '{}') <> '{}'
    AND (latest.customer_record_id, coalesce(latest.mentioned_email_keys, '{}'))
    IS DISTINCT FROM (latest.stood_of, coalesce(latest.stood_mentioned, '{}'))
    AND EXISTS (SELECT FROM staging.record_version WHERE record_version.record_id = told.record_id)
ORDER BY told.record_id
