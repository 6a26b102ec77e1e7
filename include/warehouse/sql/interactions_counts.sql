SELECT
    count(*) AS staged,
    count(*) FILTER (WHERE deleted) AS deleted
FROM pg_temp.latest
WHERE takes_place AND content_hash IS DISTINCT FROM stood
