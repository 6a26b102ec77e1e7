"""Stage: the warehouse learns what a source said; equal content stops here."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowSkipException

from include.batch import Batch
from include.sources import Source
from suki import alerts, connections
from suki.declared import source_named
from suki.lake import Lake
from suki.operators.base import BatchOperator, day_of, doubtful_of, is_judged, total
from suki.ownership import customer_record_ids
from suki.replaying import FIRST, Difference, Mode, mode_of
from suki.ui.links import CleaningReportLink

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection

    from include.warehouse.staging import StageCounts


_ROWS_AT_ONCE = 20_000
"""Rows made ready together, while PostgreSQL takes in those before."""


class StageOperator(BatchOperator):
    """Append new record versions, mark as dirty the records whose current content changed, and tell the asset."""

    ui_color = "#e8e4f3"

    def run(self, context: Any) -> list[dict[str, Any]]:
        """Stage every batch; returns counts by stream."""
        mode = mode_of(context)
        if mode.from_landing:
            for batches in self.received():
                self._show(batches, mode, context)
        if mode.preview:
            raise AirflowSkipException(
                "Only what would change was asked for: nothing is staged. The run's quality page shows it."
            )
        # Customers first: whether an order's customer is known is asked when it is staged.
        received = sorted(self.received(), key=lambda batches: batches[0].kind != "customers")
        counts = [self._stage(batches, context) for batches in received]
        for asset in self.outlets:
            context["outlet_events"][asset].extra = {
                "staged": sum(count["staged"] for count in counts),
                "dirty": sum(count["dirty"] for count in counts),
            }
        return counts

    def _show(self, batches: list[Batch], mode: Mode, context: Any) -> None:
        """Say what running these rows again changes, and keep it, before anything is changed."""
        from include.warehouse import quarantine, rereading, runs

        of, lake, found = batches[0], Lake(connections.lake_root()), Difference()
        source = source_named(of.source)
        ran = self.ran(of, context)
        with connections.warehouse("suki_ingest", f"comparing readings of {of.source}.{of.stream}") as warehouse:
            for batch in batches:
                before, places = quarantine.open_places(warehouse, batch.manifest_id), list[tuple[str, int]]()
                chunks = self._owned(_noting(lake.reading(batch.uri), places, before), batch, source)
                found.add(rereading.compare(warehouse, chunks, batch.kind, FIRST))
                found.newly_quarantined += batch.counts.get("newly_quarantined", 0)
                found.released += len(places)
            rereading.keep(warehouse, ran, preview=mode.preview, report={**asdict(found), "sentences": found.sentences})
            if mode.preview:
                rows = total(batches)
                runs.record_step(warehouse, **ran, step="stage", rows_in=rows, rows_out=0, unchanged=rows)
        for sentence in found.sentences:
            self.log.info("%s.%s: %s", of.source, of.stream, sentence)

    def _stage(self, batches: list[Batch], context: Any) -> dict[str, Any]:
        from include.warehouse import runs

        batch = batches[0]
        with connections.warehouse("suki_ingest", f"staging {batch.source}.{batch.stream}") as warehouse:
            counts = reduce(add, [self._staged(warehouse, one, context) for one in batches])
            self._note_reading(warehouse, batch, context)
            delivered = not (self.again or mode_of(context).from_landing)
            figures = self._fitting(warehouse, batches, context) if delivered and batch.kind == "interactions" else []
            if counts.staged or not self._told_before(warehouse, batches, context):
                runs.record_step(
                    warehouse, **self.ran(batch, context), step="stage",
                    rows_in=total(batches), rows_out=counts.staged, unchanged=counts.unchanged,
                )  # fmt: skip
        self.log.info(
            "%s.%s: %s staged, %s unchanged, %s deleted at the source; %s records to resolve",
            batch.source, batch.stream, f"{counts.staged:,}", f"{counts.unchanged:,}", f"{counts.deleted:,}", f"{counts.dirty:,}",
        )  # fmt: skip
        if delivered and batch.kind == "customers":
            figures = self._believed(batches, context)
        if delivered:
            self._tell_unusual(figures, batches, context)
        return {"stream": batch.stream, **asdict(counts)}

    def _fitting(self, warehouse: "Connection", batches: list[Batch], context: Any) -> list[dict[str, Any]]:
        """Count, by store, how far the interactions just staged fit what is known."""
        from include.warehouse import run_figures

        return run_figures.keep_consistency_of_interactions(warehouse, self.ran(batches[0], context), day=day_of(batches))

    def _believed(self, batches: list[Batch], context: Any) -> list[dict[str, Any]]:
        """Count, by store and field, how far a delivery says what is believed of its customers; only resolve may look at both."""
        from include.warehouse import run_figures

        of = batches[0]
        with connections.warehouse("suki_resolve", f"comparing {of.source}.{of.stream} with what is believed") as warehouse:
            return run_figures.keep_consistency(
                warehouse, self.ran(of, context), day=day_of(batches), manifests=[batch.manifest_id for batch in batches],
                doubtful=sorted(doubtful_of(of.kind)),
            )  # fmt: skip

    def _tell_unusual(self, figures: list[dict[str, Any]], batches: list[Batch], context: Any) -> None:
        """Tell what agrees less with what is known than on earlier days of the weekday."""
        from include.quality.figures import unusual
        from include.warehouse import run_figures

        of, day = batches[0], day_of(batches)
        if day is None or not is_judged(context):
            return
        with connections.warehouse("suki_ingest", "reading how consistent earlier deliveries were") as warehouse:
            earlier = run_figures.before(warehouse, source=of.source, stream=of.stream, day=day)
        if odd := unusual(figures, {key: past for key, past in earlier.items() if key[1] == "consistency"}):
            page = CleaningReportLink().address_of({"dag_id": self.dag_id, "run_id": context["run_id"]})
            alerts.send(f"{of.source}.{of.stream} is unlike earlier days", "\n".join([*odd[:20], f"Page: {page}"]), context)

    def _note_reading(self, warehouse: "Connection", batch: Batch, context: Any) -> None:
        """How far a table or an API has been read, with what came of it: a run that fails on the way is read again by the next.

        Shown on the task's page in Airflow's UI (XCom). Of files the dates in their names say it.
        """
        from include.warehouse import watermarks

        stream = source_named(batch.source).streams[batch.stream]
        if self.again or mode_of(context).from_landing or stream.files:
            return
        begin = None if stream.all_of_now else batch.window.start  # what is read whole misses nothing
        read_to = watermarks.advance(warehouse, batch.source, batch.stream, batch.window.end, context["run_id"], begin)
        context["ti"].xcom_push(key=f"read_to_{batch.stream}", value=read_to.isoformat())

    def _staged(self, warehouse: "Connection", batch: Batch, context: Any) -> "StageCounts":
        from include.warehouse import landing, quarantine, staging

        source, places, leaving = source_named(batch.source), list[tuple[str, int]](), None
        if mode_of(context).from_landing:
            leaving = quarantine.open_places(warehouse, batch.manifest_id)
        again = self.again or leaving is not None
        rows = Lake(connections.lake_root()).reading(batch.uri, _ROWS_AT_ONCE)
        chunks = _noting(rows, places if again else None, leaving)
        chunks = self._owned(chunks, batch, source)
        meta = staging.BatchMeta(
            source=batch.source, stream=batch.stream, manifest_id=batch.manifest_id, purpose=source.purpose,
            restarts=source.restarts,
            replaced=landing.copies_of(warehouse, [batch.manifest_id]).get(batch.manifest_id, {}),
        )  # fmt: skip
        if batch.kind == "customers":
            counts = staging.stage_customers(warehouse, chunks, meta)
        else:
            counts = staging.stage_interactions(warehouse, chunks, meta)
        if again:
            quarantine.left(warehouse, places, manifest_id=batch.manifest_id, run_id=context["run_id"])
        return counts

    def _told_before(self, warehouse: "Connection", batches: list[Batch], context: Any) -> bool:
        """Whether an earlier try of this very run staged these rows: then its sum stands, for the run did stage them.

        A retry after a kill, or a zombie that wakes, would otherwise make the run's report say that all was unchanged.
        """
        from include.warehouse import runs

        steps = runs.steps_of_run(warehouse, self.dag_id, context["run_id"])
        same = steps[["step", "source", "stream", "rows_in"]] == ["stage", batches[0].source, batches[0].stream, total(batches)]
        return bool(same.all(axis=1).any())

    @staticmethod
    def _owned(chunks: "Iterator[pd.DataFrame]", batch: Batch, source: Source) -> "Iterator[pd.DataFrame]":
        """An interaction names its customer by the source's key; the warehouse knows customers by record id."""
        for chunk in chunks:
            if batch.kind == "interactions":
                chunk["customer_record_id"] = customer_record_ids(chunk, source, source.streams[batch.stream])
            yield chunk


def _noting(
    chunks: "Iterator[pd.DataFrame]", places: list[tuple[str, int]] | None, among: set[tuple[str, int]] | None = None
) -> "Iterator[pd.DataFrame]":
    """The chunks, with the file and position of each of their rows noted on the way, or of those among some."""
    for chunk in chunks:
        if places is not None:
            here = zip(chunk["file"].tolist(), chunk["position"].tolist(), strict=True)
            places.extend(place for place in here if among is None or place in among)
        yield chunk
