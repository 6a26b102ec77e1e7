-- What the segments ask and tell of every customer, worked out once for all of them.
CREATE TEMP TABLE known ON COMMIT DROP AS
SELECT customer_id, $columns FROM golden.profile_reckoned_at(:as_of)
