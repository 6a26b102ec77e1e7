"""Clean: every value is kept, repaired, flagged, or emptied with its reason."""

from collections import Counter
from typing import Any

from include.batch import Batch
from suki import connections
from suki.declared import source_named
from suki.habits import country_of, habits_of
from suki.lake import Lake
from suki.operators.base import BatchOperator


class CleanOperator(BatchOperator):
    """Clean each batch by field and country; no row is dropped here."""

    ui_color = "#e6f1ee"

    def run(self, context: Any) -> list[dict[str, Any]]:
        """Clean every batch."""
        return [self._clean(batch, context).to_xcom() for batch in self.received()]

    def _clean(self, batch: Batch, context: Any) -> Batch:
        from include.cleaning.frames import clean_customers, clean_interactions
        from include.privacy.regions import region_of
        from include.warehouse import runs
        from suki.frames import cleaned_schema

        source, lake = source_named(batch.source), Lake(connections.lake_root())
        habits, flags = habits_of(source, source.streams[batch.stream]), Counter[str]()
        clean = clean_customers if batch.kind == "customers" else clean_interactions
        with lake.writing(cleaned_schema(batch.kind), "cleaned", batch.source, batch.stream) as writer:
            for chunk in lake.reading(batch.uri):
                cleaned = clean(chunk, habits)
                cleaned["region"] = region_of(country_of(cleaned, habits), source.default_country)
                flags.update(flag for row in cleaned["flags"] for flag in row)
                writer.write(cleaned)
        with connections.warehouse("suki_ingest", f"recording what was cleaned of {batch.source}.{batch.stream}") as warehouse:
            runs.record_step(
                warehouse, dag_id=self.dag_id, run_id=context["run_id"], step="clean", source=batch.source, stream=batch.stream,
                rows_in=batch.rows, rows_out=writer.rows,
            )  # fmt: skip
        marks = ", ".join(f"{flag} {n:,}" for flag, n in flags.most_common(8)) or "none"
        self.log.info("%s.%s: %s rows cleaned; most frequent flags: %s", batch.source, batch.stream, f"{writer.rows:,}", marks)
        return batch.advance("cleaned", writer.uri, writer.rows)
