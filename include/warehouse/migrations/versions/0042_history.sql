-- What holds is in golden.customer, so it need not be kept twice: half of what a publication wrote was that.
ALTER TABLE golden.customer_history RENAME TO customer_period;
ALTER TABLE golden.customer_period RENAME CONSTRAINT pk_customer_history TO pk_customer_period;
ALTER TABLE golden.customer_period ALTER COLUMN "row" DROP NOT NULL;
UPDATE golden.customer_period SET "row" = NULL WHERE to_sequence IS NULL;
COMMENT ON TABLE golden.customer_period IS
'From which publication to which we believed what of a customer; golden.customer_history has every row.';
COMMENT ON COLUMN golden.customer_period."row" IS 'What it was; null while it holds: golden.customer has it';

CREATE VIEW golden.customer_history AS
SELECT
    period.customer_id, period.from_sequence, period.to_sequence,
    CASE WHEN period.to_sequence IS NULL THEN to_jsonb(now) - 'row_hash' ELSE period."row" END AS "row", period.recorded_at
FROM golden.customer_period AS period
LEFT JOIN golden.customer AS now ON now.customer_id = period.customer_id AND period.to_sequence IS NULL;
COMMENT ON VIEW golden.customer_history IS 'What we believed of a customer, in recorded time';

GRANT SELECT ON golden.customer_history TO suki_resolve, suki_steward, suki_privacy;
