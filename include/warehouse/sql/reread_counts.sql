SELECT
    count(*) AS rows,
    count(*) FILTER (WHERE known AND cardinality(differing) > 0) AS changed,
    count(*) FILTER (WHERE NOT known) AS unheard
FROM pg_temp.reread
