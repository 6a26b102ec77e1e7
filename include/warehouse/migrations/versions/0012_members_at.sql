-- Which record was whose on a day, as believed on another: valid time says how a record stood at its source, recorded time whose it was
-- believed to be. A record that its source deleted since stays with whom it was last, for on the day it may have been there.
CREATE FUNCTION golden.v_members_at(valid timestamptz, believed timestamptz DEFAULT now())
RETURNS TABLE (customer_id uuid, record_id uuid, source text, stream text, state text, said_since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
WITH run AS (
    SELECT max(sequence) AS sequence FROM ops.resolve_run WHERE status = 'published' AND recorded_at <= believed
),
held AS (
    SELECT DISTINCT ON (membership.record_id) membership.record_id, membership.customer_id
    FROM identity.membership, run
    WHERE membership.from_sequence <= run.sequence
    ORDER BY membership.record_id, membership.from_sequence DESC
),
stands AS (
    SELECT DISTINCT ON (told.customer_id) told.customer_id, coalesce(told.became, told.customer_id) AS stands_for
    FROM golden.customer_change AS told, run
    WHERE told.sequence <= run.sequence AND told.change <> 'updated'
    ORDER BY told.customer_id, told.change_id DESC
)
SELECT
    stands.stands_for, held.record_id, record.source, record.stream,
    CASE WHEN word.deleted IS NULL THEN 'later' WHEN word.deleted THEN 'deleted' ELSE 'there' END,
    word.source_time
FROM held
JOIN stands ON stands.customer_id = held.customer_id
JOIN staging.record ON record.record_id = held.record_id
LEFT JOIN LATERAL (
    SELECT version.deleted, version.source_time FROM staging.record_version AS version
    WHERE version.record_id = held.record_id AND version.source_time <= valid
    ORDER BY version.source_time DESC, version.delivered_on DESC, version.deleted, version.content_hash COLLATE "C" DESC
    LIMIT 1
) AS word ON true
$$;
COMMENT ON FUNCTION golden.v_members_at(timestamptz, timestamptz) IS
'Every record as of a moment, with the customer it was believed to be at another: state there, later (not known to its source yet) or deleted';
REVOKE ALL ON FUNCTION golden.v_members_at(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION golden.v_members_at(timestamptz, timestamptz)
TO suki_analyst, suki_steward, suki_resolve, suki_privacy;

-- A steward sees people as they are said to be now; as-of shows them as they were said to be.
GRANT SELECT ON staging.record_version TO suki_steward;
