WITH this AS (SELECT max(as_of) AS as_of FROM ops.audit_figure WHERE dag_id = :dag_id AND run_id = :run_id),
latest AS (
    SELECT figure.dag_id, figure.run_id, max(figure.as_of) AS as_of
    FROM ops.audit_figure AS figure, this
    WHERE figure.as_of < this.as_of
    GROUP BY figure.dag_id, figure.run_id
    ORDER BY max(figure.as_of) DESC
    LIMIT :audits
)
SELECT figure.as_of, figure.dimension, figure.source, figure.scope, figure.field, figure.good, figure.whole
FROM latest
JOIN ops.audit_figure AS figure USING (dag_id, run_id)
WHERE figure.dimension <> 'coverage'
ORDER BY figure.as_of DESC
