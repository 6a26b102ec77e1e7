"""One Airflow Dag per declared source: extract > gate > map > gate > clean > gate > stage."""

from include.sources import discover
from suki.ingest import ingest_dag

for source in discover().values():
    globals()[f"ingest_{source.name}"] = ingest_dag(source)
