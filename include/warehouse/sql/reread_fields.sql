SELECT split_part(one.said, ':', 1) AS field, split_part(one.said, ':', 2) AS what, count(*) AS rows
FROM pg_temp.reread
CROSS JOIN LATERAL unnest(reread.differing) AS one (said)
GROUP BY 1, 2
ORDER BY 1, 2
