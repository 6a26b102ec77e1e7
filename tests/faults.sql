-- Every way in which PostgreSQL quotes a row: in the message, in DETAIL, HINT and CONTEXT, in a statement; or ends a session.
-- A table is given one by a trigger whose first argument says which; the second is the source it is for.

CREATE TABLE faults_unique (value text UNIQUE);

CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    quoted text := coalesce(to_jsonb(NEW) ->> 'full_name', to_jsonb(NEW)::text);
BEGIN
    IF TG_ARGV[1] <> '' AND TG_ARGV[1] <> to_jsonb(NEW) ->> 'source' THEN
        RETURN NEW;
    END IF;
    RAISE NOTICE 'told to the client: %', NEW;
    RAISE WARNING 'told to the client: %', NEW;
    CASE TG_ARGV[0]
        WHEN 'raise' THEN
            RAISE EXCEPTION 'bad row %', NEW USING DETAIL = NEW::text, HINT = quoted;
        WHEN 'raise as if a grant were missing' THEN
            RAISE EXCEPTION 'bad row %', NEW USING DETAIL = NEW::text, ERRCODE = 'insufficient_privilege';
        WHEN 'unique' THEN
            INSERT INTO faults_unique VALUES (quoted), (quoted);
        WHEN 'time' THEN
            PERFORM quoted::timestamptz;
        WHEN 'number' THEN
            PERFORM quoted::numeric;
        WHEN 'json' THEN
            EXECUTE format('SELECT %L::jsonb', 'no json: ' || quoted);
        WHEN 'syntax' THEN
            EXECUTE format('SELECT * FROM %I', quoted);
        WHEN 'cancelled' THEN
            PERFORM pg_cancel_backend(pg_backend_pid());
            PERFORM pg_sleep(5);
        WHEN 'terminated' THEN
            PERFORM pg_terminate_backend(pg_backend_pid());
            PERFORM pg_sleep(5);
        WHEN 'sleeps' THEN
            PERFORM pg_sleep(60);
    END CASE;
    RETURN NEW;
END $$;
