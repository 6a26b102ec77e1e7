"""Map: raw fields become canonical ones, by the source's declaration; who asked to be forgotten stops here."""

from typing import Any

from include.batch import Batch
from suki import connections
from suki.declared import source_named
from suki.forgotten import forgotten_tokens, owned_by_others
from suki.lake import Lake
from suki.operators.base import BatchOperator, total


class MapOperator(BatchOperator):
    """Map each batch; report raw fields nobody declared as drift."""

    ui_color = "#f4ecd8"

    def run(self, context: Any) -> list[dict[str, Any]]:
        """Map every batch."""
        return [mapped.to_xcom() for batches in self.received() for mapped in self._map(batches, context)]

    def _map(self, batches: list[Batch], context: Any) -> list[Batch]:
        from include.privacy.suppression import split_suppressed
        from include.sources import Drift, map_rows
        from include.warehouse import runs
        from suki.frames import mapped_schema

        of, drift = batches[0], Drift()
        source = source_named(of.source)
        stream, lake = source.streams[of.stream], Lake(connections.lake_root())
        done: list[Batch] = []
        left_out = 0
        with connections.warehouse("suki_ingest", "reading the suppression list") as warehouse:
            forgotten = forgotten_tokens(warehouse)
        for batch in batches:
            suppressed = 0
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
            done.append(batch.advance("mapped", writer.uri, writer.rows, suppressed=suppressed))
            left_out += suppressed
        ran = {"dag_id": self.dag_id, "run_id": context["run_id"], "source": of.source, "stream": of.stream}
        with connections.warehouse("suki_ingest", f"recording what was mapped of {of.source}.{of.stream}") as warehouse:
            runs.record_step(warehouse, **ran, step="map", rows_in=total(batches), rows_out=total(done), suppressed=left_out)
            runs.record_drift(warehouse, **ran, drift=drift.fields)
        for field, (rows, file) in sorted(drift.fields.items()):
            self.log.warning(
                "%s.%s: field '%s' is new: %s rows, first in %s. It is kept raw; map it or ignore it by name in source.yml.",
                of.source, of.stream, field, f"{rows:,}", file,
            )  # fmt: skip
        for note, rows in sorted(drift.notes.items()):
            self.log.warning("%s.%s: %s (%s rows)", of.source, of.stream, note, f"{rows:,}")
        return done
