-- The feed says into whom a customer merged, from whom it split and which records it gained and lost, so that a consumer can rebuild
-- ids and crosswalk from it alone.
ALTER TABLE golden.change_feed RENAME TO customer_change;
ALTER TABLE golden.customer_change RENAME CONSTRAINT pk_change_feed TO pk_customer_change;
ALTER INDEX golden.ix_change_feed_sequence RENAME TO ix_customer_change_sequence;
ALTER SEQUENCE golden.change_feed_change_id_seq RENAME TO customer_change_change_id_seq;
ALTER TABLE golden.customer_change
ADD COLUMN split_from uuid [] NOT NULL DEFAULT '{}',
ADD COLUMN gained uuid [] NOT NULL DEFAULT '{}',
ADD COLUMN lost uuid [] NOT NULL DEFAULT '{}';
CREATE INDEX ix_customer_change_customer_id ON golden.customer_change (customer_id);

-- What was told before is told as far as the memberships know it.
UPDATE golden.customer_change SET change = 'retired' WHERE change = 'removed';
UPDATE golden.customer_change AS told SET
    gained = ARRAY(
        SELECT own.record_id FROM identity.membership AS own
        WHERE own.customer_id = told.customer_id AND own.from_sequence = told.sequence ORDER BY 1
    ),
    lost = ARRAY(
        SELECT own.record_id FROM identity.membership AS own
        WHERE own.customer_id = told.customer_id AND own.to_sequence = told.sequence ORDER BY 1
    ),
    split_from = ARRAY(
        SELECT DISTINCT was.customer_id
        FROM identity.membership AS own
        JOIN identity.membership AS was ON was.record_id = own.record_id AND was.to_sequence = own.from_sequence
        WHERE
            told.change = 'split' AND own.customer_id = told.customer_id AND own.from_sequence = told.sequence
            AND NOT EXISTS (
                SELECT FROM golden.customer_change AS ended
                WHERE
                    ended.customer_id = was.customer_id AND ended.sequence = told.sequence
                    AND ended.change IN ('merged', 'retired')
            )
        ORDER BY 1
    );

ALTER TABLE golden.customer_change ALTER COLUMN split_from DROP DEFAULT;
ALTER TABLE golden.customer_change ALTER COLUMN gained DROP DEFAULT;
ALTER TABLE golden.customer_change ALTER COLUMN lost DROP DEFAULT;
CREATE INDEX ix_customer_change_split_from ON golden.customer_change USING gin (split_from);

CREATE OR REPLACE VIEW golden.v_change AS
SELECT change_id, sequence, customer_id, change, fields, became, recorded_at, split_from, gained, lost FROM golden.customer_change;
COMMENT ON VIEW golden.v_change IS 'What became of every customer, in the order of change_id: ids and names of fields, no values';
