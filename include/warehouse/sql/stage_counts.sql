-- Rows that began a version (of what was told, not of what was concluded), and versions that say a record is gone.
SELECT
    count(*) FILTER (WHERE NOT stands AND kept IS NULL AND row_no IS NOT NULL) AS staged,
    count(*) FILTER (WHERE NOT stands AND kept IS NULL AND deleted) AS deleted
FROM pg_temp.run
