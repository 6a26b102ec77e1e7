-- The last content each file of some days had.
SELECT DISTINCT ON (file, delivered_on) file, delivered_on, sha256, copy
FROM ops.delivery
WHERE source = :source AND stream = :stream AND delivered_on = ANY(CAST(:days AS date [])) AND status = 'accepted'
ORDER BY file, delivered_on, copy DESC, recorded_at DESC
