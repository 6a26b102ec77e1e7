"""Resolve customers.

Finds who is who among all staged records and keeps one golden customer per person:
pairs > score > cluster > gate > survive > gate > weigh change > publish > find households.

Airflow triggers it when any source staged something, and by time; it waits while ingest or a backfill is open, runs one at a
time, and ends at once, with nothing changed, when no record changed. A run that would change more than is declared ends at
`hold`: nothing of it is published, and `publish_held_run` asks for a yes.
"""

from suki.resolve import resolve_dag

resolve_customers = resolve_dag(doc_md=__doc__)
