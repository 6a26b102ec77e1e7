"""Map: raw fields become canonical ones, by the source's declaration; who asked to be forgotten stops here."""

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from include.batch import Batch
from include.errors import GateClosed
from include.sources import Source, Stream
from include.workers import in_order, of_a_task
from suki import connections
from suki.declared import source_named
from suki.forgotten import forgotten_tokens, owned_by_others
from suki.lake import Lake
from suki.operators.base import BatchOperator, total
from suki.replaying import mode_of

if TYPE_CHECKING:
    import pandas as pd

    from include.sources import Drift
    from include.sources.shape import Changed

_ROWS_AT_ONCE = 20_000
"""Rows mapped together, by one of at most two processes."""


class MapOperator(BatchOperator):
    """Map each batch; show how its raw fields differ from those declared and from those of the deliveries before."""

    ui_color = "#f4ecd8"

    def run(self, context: Any) -> list[dict[str, Any]]:
        """Map every batch."""
        return [mapped.to_xcom() for batches in self.received() for mapped in self._map(batches, context)]

    def _map(self, batches: list[Batch], context: Any) -> list[Batch]:
        from include.privacy.suppression import split_suppressed
        from include.sources import Drift
        from include.sources.shape import Shape, changes
        from include.warehouse import landing, runs, shapes
        from suki.frames import mapped_schema

        of, drift, few = batches[0], Drift(), self.again or mode_of(context).from_landing
        source = source_named(of.source)
        stream, lake = source.streams[of.stream], Lake(connections.lake_root())
        done: list[Batch] = []
        left_out = 0
        with connections.warehouse("suki_ingest", "reading the suppression list") as warehouse:
            forgotten = forgotten_tokens(warehouse)
            replaced = landing.copies_of(warehouse, [batch.manifest_id for batch in batches])
        for batch in batches:
            suppressed = 0
            with lake.writing(mapped_schema(batch.kind), "mapped", batch.source, batch.stream) as writer:
                allowed = (split_suppressed(chunk, forgotten) for chunk in lake.reading(batch.uri, _ROWS_AT_ONCE))
                reading = partial(_mapped, source=source, stream=stream, replaced=replaced.get(batch.manifest_id))
                for mapped, seen, n in in_order(allowed, reading, of_a_task()):
                    suppressed += n
                    drift.add(seen)
                    if forgotten and stream.kind == "interactions":
                        others = owned_by_others(mapped, forgotten, source, stream)
                        suppressed += others.count(False)
                        writer.write(mapped.loc[others])
                    else:
                        writer.write(mapped)
            done.append(batch.advance("mapped", writer.uri, writer.rows, suppressed=suppressed))
            left_out += suppressed
        ran = self.ran(of, context)
        with connections.warehouse("suki_ingest", f"recording what was mapped of {of.source}.{of.stream}") as warehouse:
            runs.record_step(warehouse, **ran, step="map", rows_in=total(batches), rows_out=total(done), suppressed=left_out)
            before = Shape()
            for n, fields in shapes.before(warehouse, of.manifest_id):
                before.add(Shape(n, fields))
            # A handful of unfit rows says nothing of a delivery, and one that was taken already is no news.
            changed = [] if few else changes(before, drift.shape, drift.fields, drift.missing, stream)
            runs.record_drift(warehouse, **ran, drift=[asdict(one) for one in changed])
            if not few:
                shapes.keep(warehouse, of.manifest_id, drift.shape.rows, drift.shape.fields)
        self._tell(f"{of.source}.{of.stream}", changed, drift)
        return done

    def _tell(self, about: str, changed: "list[Changed]", drift: "Drift") -> None:
        """Say how the fields changed, and close where the declaration wants nothing of such a delivery."""
        for one in changed:
            if one.reaction != "accept":
                self.log.warning("%s: %s.", about, one.sentence)
        known = {name for one in changed for name in (one.field, one.was)}
        for column, (rows, file) in sorted(drift.missing.items()):
            if column not in known:
                self.log.warning("%s: column '%s' is not in the file (%s rows, first in %s)", about, column, f"{rows:,}", file)
        for note, rows in sorted(drift.notes.items()):
            self.log.warning("%s: %s (%s rows)", about, note, f"{rows:,}")
        if refused := [one for one in changed if one.reaction == "refuse"]:
            raise GateClosed(
                f"The fields of {about} changed, and its `schema_changes` refuse that, so nothing of it goes on: "
                f"{'; '.join(one.sentence for one in refused)}. "
                f"Declare the fields as they are now, or say `report`; then clear the run."
            )


def _mapped(
    allowed: "tuple[pd.DataFrame, int]", source: Source, stream: Stream, replaced: dict[str, int] | None
) -> "tuple[pd.DataFrame, Drift, int]":
    """Rows that may be mapped, mapped, with what was not foreseen and how many were left out before."""
    from include.sources import map_rows

    return *map_rows(allowed[0], source, stream, replaced), allowed[1]
