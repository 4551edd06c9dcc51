-- Who may do what: the two roles of the application, and the schemas they are given rights in.

-- Roles belong to the whole server, so another database may have made them already, even at this very moment.
DO $$
DECLARE
    wanted name;
    may_become text := CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['daybook_app', 'daybook_projector']::name[] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
        -- The owner hands tables over to the projector, and a single login may act as each of the two.
        IF NOT pg_has_role(current_user, wanted, may_become) THEN
            EXECUTE format('GRANT %I TO %I', wanted, current_user);
        END IF;
    END LOOP;
END
$$;

CREATE SCHEMA log;
CREATE SCHEMA read;
CREATE SCHEMA access;

GRANT USAGE ON SCHEMA log, read TO daybook_app, daybook_projector;
GRANT USAGE ON SCHEMA access TO daybook_app;

-- A rebuild makes a new version of a read model's table beside the old one; the web reads whatever the projector makes.
GRANT CREATE ON SCHEMA read TO daybook_projector;
ALTER DEFAULT PRIVILEGES FOR ROLE daybook_projector IN SCHEMA read GRANT SELECT ON TABLES TO daybook_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA read GRANT SELECT ON TABLES TO daybook_app;
