SELECT source, stream, stage, state, reasons, count(*) AS rows, min(set_aside_at) AS oldest, min(file) AS first_file
FROM staging.quarantine_now
WHERE
    $which
GROUP BY source, stream, stage, state, reasons
ORDER BY source, stream, rows DESC, stage, state, reasons
