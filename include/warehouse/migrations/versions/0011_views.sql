-- Of two decisions on one pair the later counts; record_a < record_b.
CREATE VIEW identity.decision_in_force AS
SELECT DISTINCT ON (least(record_a, record_b), greatest(record_a, record_b))
    least(record_a, record_b) AS record_a, greatest(record_a, record_b) AS record_b, decision, decision_id, ruling, ruling_id,
    recorded_at, actor, reason
FROM identity.steward_decision
WHERE withdrawn_at IS NULL
ORDER BY least(record_a, record_b), greatest(record_a, record_b), recorded_at DESC, decision_id;

-- What waits for a steward: two customers between whom a pair lies in the review band, and nobody has decided anything. One row is one
-- question; of several pairs between the same two it shows the one that is nearest to even odds.
--
-- worth = the chance that going by the odds alone is wrong, doubled (1 at even odds), times what moves if the two become one: the
-- records and orders of the smaller.
CREATE VIEW identity.review AS
WITH undecided AS (
    SELECT
        edge.record_a, edge.record_b, edge.weight, edge.probability, edge.rule, edge.model_version,
        one.customer_id AS customer_a, other.customer_id AS customer_b,
        least(one.customer_id, other.customer_id) AS lesser, greatest(one.customer_id, other.customer_id) AS greater
    FROM identity.edge
    JOIN golden.crosswalk AS one ON one.record_id = edge.record_a
    JOIN golden.crosswalk AS other ON other.record_id = edge.record_b
    WHERE edge.band = 'review' AND one.customer_id <> other.customer_id
),

answered AS (
    SELECT DISTINCT least(one.customer_id, other.customer_id) AS lesser, greatest(one.customer_id, other.customer_id) AS greater
    FROM identity.decision_in_force AS decided
    JOIN golden.crosswalk AS one ON one.record_id = decided.record_a
    JOIN golden.crosswalk AS other ON other.record_id = decided.record_b
),

question AS (
    SELECT DISTINCT ON (lesser, greater)
        *, least(probability, 1 - probability) AS doubt, count(*) OVER (PARTITION BY lesser, greater) AS pairs
    FROM undecided
    WHERE NOT EXISTS (
        SELECT FROM answered WHERE answered.lesser = undecided.lesser AND answered.greater = undecided.greater
    )
    ORDER BY lesser, greater, least(probability, 1 - probability) DESC, record_a, record_b
),

size AS (
    SELECT asked.customer_id, count(*) AS records, sum(bought.orders)::bigint AS orders
    FROM (SELECT lesser AS customer_id FROM question UNION SELECT greater FROM question) AS asked
    JOIN golden.crosswalk ON crosswalk.customer_id = asked.customer_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS orders
        FROM staging.interaction
        WHERE
            interaction.customer_record_id = crosswalk.record_id AND NOT interaction.deleted
            AND interaction.interaction_type IN ('order', 'receipt')
    ) AS bought
    GROUP BY asked.customer_id
)

SELECT
    question.record_a, question.record_b, question.customer_a, question.customer_b, question.weight, question.probability,
    question.rule, question.pairs, least(a.records + a.orders, b.records + b.orders) AS moves,
    round((2 * question.doubt * least(a.records + a.orders, b.records + b.orders))::numeric, 3)::double precision AS worth, question.model_version
FROM question
JOIN size AS a ON a.customer_id = question.customer_a
JOIN size AS b ON b.customer_id = question.customer_b;

COMMENT ON VIEW identity.decision_in_force IS 'Decisions not withdrawn, the latest on each pair';
COMMENT ON VIEW identity.review IS 'What waits for a steward: two customers who may be one, and what it is worth to decide it';

GRANT SELECT ON identity.decision_in_force TO suki_resolve, suki_steward, suki_privacy;
GRANT SELECT ON identity.review TO suki_resolve, suki_steward;
GRANT UPDATE (withdrawn_at, withdrawn_by, withdrawn_because) ON identity.steward_decision TO suki_steward;
