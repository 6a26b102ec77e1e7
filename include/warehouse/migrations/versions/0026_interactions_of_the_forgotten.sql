ALTER TABLE staging.quarantine ADD COLUMN customer_record_id uuid;
COMMENT ON COLUMN staging.quarantine.customer_record_id IS 'Whose interaction it is, where that can be told';
CREATE INDEX ix_quarantine_customer_record_id ON staging.quarantine (customer_record_id);

-- What somebody bought or wrote tells of them as their own record does, and holds their address and number.
CREATE OR REPLACE FUNCTION privacy.forget_quarantined() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
    INSERT INTO staging.quarantine_event (quarantine_id, state, actor, why)
    SELECT standing.quarantine_id, 'discarded', NEW.actor, 'asked to be forgotten'
    FROM staging.quarantine AS kept
    JOIN staging.quarantine_now AS standing ON standing.quarantine_id = kept.quarantine_id
    WHERE NEW.token IN (kept.record_id, kept.customer_record_id) AND standing.state IN ('waiting', 'released');

    UPDATE staging.quarantine SET "row" = NULL
    WHERE NEW.token IN (record_id, customer_record_id) AND "row" IS NOT NULL;
    RETURN NEW;
END
$$;
