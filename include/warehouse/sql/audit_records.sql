CREATE TEMP TABLE audited ON COMMIT DROP AS SELECT $columns FROM staging.current_record;
ANALYZE pg_temp.audited
