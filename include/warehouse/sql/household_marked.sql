-- Customers with several accounts at a source where one of these accounts is.
SELECT DISTINCT known.customer_id, known.source
FROM pg_temp.ordered
JOIN golden.crosswalk AS placed ON placed.record_id = ordered.customer_record_id
JOIN golden.repeat_registration AS known ON known.customer_id = placed.customer_id AND known.source = placed.source
