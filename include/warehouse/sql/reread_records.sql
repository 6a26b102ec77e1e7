SELECT DISTINCT record_id FROM pg_temp.reread WHERE NOT known OR cardinality(differing) > 0 ORDER BY record_id LIMIT :first
