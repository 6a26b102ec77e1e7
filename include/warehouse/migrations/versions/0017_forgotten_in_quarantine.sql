-- A row that waits in quarantine is one of theirs as a staged one is. What it held goes, and it waits for nobody any more; that it was
-- there, and why it stopped, stays, so that the sums of the run that set it aside still add up.
CREATE FUNCTION privacy.forget_quarantined() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
    INSERT INTO staging.quarantine_event (quarantine_id, state, actor, why)
    SELECT quarantine_id, 'discarded', NEW.actor, 'asked to be forgotten'
    FROM staging.quarantine_now
    WHERE record_id = NEW.token AND state IN ('waiting', 'released');

    UPDATE staging.quarantine SET "row" = NULL WHERE record_id = NEW.token AND "row" IS NOT NULL;
    RETURN NEW;
END
$$;

REVOKE ALL ON FUNCTION privacy.forget_quarantined() FROM PUBLIC;

CREATE TRIGGER forget_quarantined
AFTER INSERT OR UPDATE OF token ON privacy.suppression
FOR EACH ROW EXECUTE FUNCTION privacy.forget_quarantined();

-- Those of who is on the list already.
UPDATE privacy.suppression SET token = token;
