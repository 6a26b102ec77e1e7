CREATE TEMP TABLE looked ON COMMIT DROP AS SELECT * FROM golden.refresh_at(:as_of);
ANALYZE pg_temp.looked
