"""Map: raw fields become canonical ones, by the source's declaration; who asked to be forgotten stops here."""

from typing import Any

from include.batch import Batch
from suki import connections
from suki.declared import source_named
from suki.forgotten import forgotten_tokens, owned_by_others
from suki.lake import Lake
from suki.operators.base import BatchOperator


class MapOperator(BatchOperator):
    """Map each batch; report raw fields nobody declared as drift."""

    ui_color = "#f4ecd8"

    def run(self, context: Any) -> list[dict[str, Any]]:
        """Map every batch."""
        return [self._map(batch, context).to_xcom() for batch in self.received()]

    def _map(self, batch: Batch, context: Any) -> Batch:
        from include.privacy.suppression import split_suppressed
        from include.sources import Drift, map_rows
        from include.warehouse import runs
        from suki.frames import mapped_schema

        source = source_named(batch.source)
        stream, lake, drift = source.streams[batch.stream], Lake(connections.lake_root()), Drift()
        suppressed = 0
        with connections.warehouse("suki_ingest", "reading the suppression list") as warehouse:
            forgotten = forgotten_tokens(warehouse)
        with lake.writing(mapped_schema(batch.kind), "mapped", batch.source, batch.stream) as writer:
            for chunk in lake.reading(batch.uri):
                allowed, n = split_suppressed(chunk, forgotten)
                suppressed += n
                mapped, seen = map_rows(allowed, source, stream)
                if forgotten and stream.kind == "interactions":
                    others = owned_by_others(mapped, forgotten, source, stream)
                    suppressed += others.count(False)
                    mapped = mapped.loc[others]
                drift.add(seen)
                writer.write(mapped)
        ran = {"dag_id": self.dag_id, "run_id": context["run_id"], "source": batch.source, "stream": batch.stream}
        with connections.warehouse("suki_ingest", f"recording what was mapped of {batch.source}.{batch.stream}") as warehouse:
            runs.record_step(warehouse, **ran, step="map", rows_in=batch.rows, rows_out=writer.rows, suppressed=suppressed)
            runs.record_drift(warehouse, **ran, drift=drift.fields)
        for field, (rows, file) in sorted(drift.fields.items()):
            self.log.warning(
                "%s.%s: field '%s' is new: %s rows, first in %s. It is kept raw; map it or ignore it by name in source.yml.",
                batch.source, batch.stream, field, f"{rows:,}", file,
            )  # fmt: skip
        for note, rows in sorted(drift.notes.items()):
            self.log.warning("%s.%s: %s (%s rows)", batch.source, batch.stream, note, f"{rows:,}")
        return batch.advance("mapped", writer.uri, writer.rows, suppressed=suppressed)
