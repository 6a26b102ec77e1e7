INSERT INTO staging.quarantine_event (quarantine_id, state, actor, why)
SELECT quarantine_id, :state, :actor, :why
FROM staging.quarantine_now
WHERE
    $which
