-- Run before every migration, not by one: roles belong to the whole server and the grant below to the database itself, so neither
-- comes along when a warehouse is restored from a dump, copied from a template, or migrated by another login.
--
-- Another database's migration may be making the roles at this moment: look, try, look again.
DO $$
DECLARE
    wanted text;
    attempt int;
    may_set boolean;
    version int := current_setting('server_version_num')::int;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['suki_ingest', 'suki_resolve', 'suki_steward', 'suki_analyst', 'suki_privacy'] LOOP
        FOR attempt IN 1..50 LOOP
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
                    EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
                END IF;
                -- The login takes one role at a time by SET ROLE and inherits none of them (before 16, inheriting is the role's own trait).
                IF version >= 160000 THEN
                    EXECUTE format('SELECT pg_has_role(current_user, %L, ''SET'')', wanted) INTO may_set;
                    IF NOT may_set THEN
                        EXECUTE format('GRANT %I TO CURRENT_USER WITH INHERIT FALSE, SET TRUE', wanted);
                    END IF;
                ELSIF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
                    EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
                END IF;
                EXIT;
            EXCEPTION
                WHEN duplicate_object OR unique_violation OR internal_error THEN  -- internal_error: tuple concurrently updated
                    IF attempt = 50 THEN
                        RAISE;
                    END IF;
                    PERFORM pg_sleep(0.1);
            END;
        END LOOP;
        -- Some databases take TEMPORARY away from everybody; bulk loading needs it.
        IF NOT has_database_privilege(wanted, current_database(), 'TEMPORARY') THEN
            EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO %I', current_database(), wanted);
        END IF;
    END LOOP;
END
$$;
