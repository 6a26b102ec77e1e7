"""Extract: what a source delivered in the run's window lands in the lake, and the manifest says so."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.providers.standard.triggers.temporal import DateTimeTrigger

from include.batch import Batch, Window
from include.errors import NotYet
from include.sources import Columns, Delivery, RawRow, Source, Stream
from include.sources.readers.columns import Piece
from include.sources.readers.windowed import WindowDelivery
from suki import connections
from suki.declared import source_named
from suki.kept_reading import KeptReading, tidy
from suki.lake import CHUNK_ROWS, FrameWriter, Lake
from suki.landed import as_json, landed_again, landed_frame, landed_row
from suki.operators.base import SukiOperator
from suki.reading import reading
from suki.replaying import mode_of
from suki.window import window_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


class ExtractOperator(SukiOperator):
    """Read the source's deliveries of the window and land them, untouched, as Parquet.

    Landing commits with its manifest row: a killed attempt leaves a file nobody points at; a second run of the same window finds
    the same content and takes the landing that is already there.

    Args:
        source: Name of the declared source.
    """

    template_fields = ("source",)
    ui_color = "#dcebf7"

    def __init__(self, *, source: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = source

    def run(self, context: Any) -> list[dict[str, Any]]:
        """Land every stream; returns its batches."""
        source, window = source_named(self.source), window_of(context)
        if mode_of(context).from_landing:
            return [
                batch.to_xcom() for stream in source.streams.values() for batch in self._again(source, stream, window, context)
            ]
        self.log.info("%s: taking deliveries of %s", source.title, window)
        self._register(source)
        try:
            batches = [self._land(source, stream, window, context) for stream in source.streams.values()]
        except NotYet as problem:
            self._look_again(problem)
        tidy(connections.lake_root(), source.name, context["run_id"])
        if not any(batch.rows for batch in batches):
            self.log.info("%s delivered no rows in %s: an empty window is a success.", source.title, window)
        return [batch.to_xcom() for batch in batches]

    def _register(self, source: Source) -> None:
        """Say in the warehouse what the source is declared to be now, so that one added since is in the register too."""
        from include.sources.registry import rows_of
        from include.warehouse import registry

        with connections.warehouse("suki_ingest", "keeping the register of sources") as warehouse:
            registry.keep(warehouse, *rows_of([source]), whole=False)

    def _look_again(self, problem: NotYet) -> NoReturn:
        """Give up the worker's place until the source may be done; what was read so far is kept."""
        self.log.info("%s; this task looks again in %.0f seconds and takes no worker's place until then.", problem, problem.wait)
        moment = datetime.now(UTC) + timedelta(seconds=problem.wait)
        self.defer(trigger=DateTimeTrigger(moment=moment), method_name="go_on")

    def go_on(self, context: Any, event: Any = None) -> Any:
        """What the triggerer calls: the step again, from where it stopped."""
        return self.execute(context)

    def _land(self, source: Source, stream: Stream, window: Window, context: Any) -> Batch:
        from include.warehouse import landing, runs
        from suki.frames import landed_schema

        lake, run = Lake(connections.lake_root()), context["run_id"]
        with lake.writing(landed_schema(), "landed", source.name, stream.name) as writer:
            landed = _Landing(source, stream, writer, connections.tokens())
            with reading(source, stream, window) as found:
                if found.told:
                    self.log.info("%s", found.told)
                for delivery in found.deliveries:
                    landed.take(delivery, run)
                    self._tell(delivery)
                landed.flush()
        manifest = {
            "source": source.name, "stream": stream.name, "kind": stream.kind, "epoch": source.epoch,
            "restarts": source.restarts, "window_start": window.start, "window_end": window.end, "uri": writer.uri,
            "rows": writer.rows, "sha256": landed.digest.hexdigest(), "schema_fingerprint": landed.fingerprint(),
            "run_id": run, "key_id": landed.tokens.key_id, "files": bool(stream.files),
        }  # fmt: skip
        with connections.warehouse("suki_ingest", f"landing {source.name}.{stream.name}") as warehouse:
            rows = lake.tables(writer.uri, columns=landing.LANDED)
            landing_ = landing.commit_landing(warehouse, manifest, landed.deliveries, rows)
            runs.record_step(
                warehouse, dag_id=self.dag_id, run_id=run, step="extract", source=source.name, stream=stream.name,
                rows_in=writer.rows, rows_out=writer.rows,
            )  # fmt: skip
        if landing_.uri != writer.uri:
            self.log.info(
                "%s.%s: this window has landed before with the same content; going on from there.", source.name, stream.name
            )
        self.log.info(
            "%s.%s: %s rows of %s deliveries landed", source.name, stream.name, f"{writer.rows:,}", len(landed.deliveries)
        )
        return Batch(
            source.name, stream.name, stream.kind, window, "landed", landing_.uri, writer.rows, str(landing_.manifest_id)
        )

    def _again(self, source: Source, stream: Stream, window: Window, context: Any) -> list[Batch]:
        """What landed of the window's deliveries and was staged, a batch of each landing; the source is not asked."""
        from include.warehouse import landing, runs

        name, first = f"{source.name}.{stream.name}", window.start.date()
        last = (window.end - timedelta(microseconds=1)).date()
        batches: list[Batch] = []
        with connections.warehouse("suki_ingest", f"looking up what landed of {name}") as warehouse:
            for of in landing.landings_of(warehouse, source.name, stream.name, first, last, files=bool(stream.files)):
                uri, rows = landed_again(warehouse, source, stream, of, partial(_standing, first, last, of["replaced"]))
                batches.append(Batch(source.name, stream.name, stream.kind, window, "landed", uri, rows, of["manifest_id"]))
            rows = sum(batch.rows for batch in batches)
            runs.record_step(
                warehouse, dag_id=self.dag_id, run_id=context["run_id"], step="extract", source=source.name,
                stream=stream.name, rows_in=rows, rows_out=rows,
            )  # fmt: skip
        self.log.info(
            "%s: %s rows of %s landings of %s run again; the source is not asked", name, f"{rows:,}", len(batches), window
        )
        return batches

    def _tell(self, delivery: Delivery) -> None:
        if delivery.refused:
            self.log.warning("%s refused whole: %s. A complete file sent later takes its place.", delivery.file, delivery.refused)
        elif delivery.read_as:
            self.log.info("%s was read as %s, as the file itself shows.", delivery.file, delivery.read_as)


def _standing(first: date, last: date, replaced: Collection[tuple[str, date]], chunk: "pd.DataFrame") -> list[bool]:
    """Which rows of a landing are of some days and of files that no later landing holds otherwise."""
    places = zip(chunk["file"], chunk["delivered_on"], strict=True)
    return [first <= day <= last and (file, day) not in replaced for file, day in places]


class _Landing:
    """One stream's landing as it grows: the rows written, their digest, the files they came from."""

    def __init__(self, source: Source, stream: Stream, writer: FrameWriter, tokens: Any) -> None:
        self.source, self.stream, self.writer, self.tokens = source, stream, writer, tokens
        self.digest = hashlib.sha256(f"{source.epoch}".encode())
        self.deliveries: list[dict[str, Any]] = []
        self._fields: set[str] = set()
        self._rows: list[dict[str, Any]] = []  # of many small files: a file a store and day would make as many tiny writes
        self._tables: list[pa.Table] = []

    def take(self, delivery: Delivery, run_id: str = "") -> None:
        """Write a delivery's rows; a refused one leaves only its entry.

        Args:
            delivery: What was delivered.
            run_id: The run; a later attempt of it goes on from where this one stops.
        """
        for piece in [] if delivery.refused else self._pieces(delivery, run_id):
            if isinstance(piece, Columns):
                self._take_columns(delivery, piece)
            else:
                self._rows += [self._noted(landed_row(delivery, row, self.stream), row) for row in piece]
            if len(self._rows) + sum(table.num_rows for table in self._tables) >= CHUNK_ROWS:
                self.flush()
        if (epoch := self.source.epoch_on(delivery.delivered_on)) != self.source.epoch:
            self.digest.update(f"{epoch}\x1e".encode())  # the same rows in another numbering are other records
        said = (delivery.file, delivery.mode, delivery.scope, delivery.refused is None)
        self.digest.update(f"{said}\x1e".encode())
        self.deliveries.append({
            "file": delivery.file, "delivered_on": delivery.delivered_on, "mode": delivery.mode,
            "scope": delivery.scope, "sha256": delivery.sha256, "rows": delivery.rows,
            "status": "refused" if delivery.refused else "accepted", "reason": delivery.refused,
            "read_as": delivery.read_as or None,
        })  # fmt: skip

    @staticmethod
    def _pieces(delivery: Delivery, run_id: str) -> Iterable[Piece]:
        if not isinstance(delivery, WindowDelivery):
            return delivery.pieces()
        return delivery.counted(KeptReading(connections.lake_root(), delivery, run_id).pages())

    def flush(self) -> None:
        """Write the rows held back; the last call ends the landing."""
        import pyarrow as pa

        self._in_order()
        if self._tables:
            self.writer.append(pa.concat_tables(self._tables).combine_chunks())
            self._tables = []

    def _take_columns(self, delivery: Delivery, columns: Columns) -> None:
        from suki.landed_columns import landed_table

        table, said = landed_table(delivery, columns, self.source, self.stream, self.tokens)
        self.digest.update(said)
        self._fields.update(columns.table.column_names)
        self._in_order()
        self._tables.append(table)

    def _in_order(self) -> None:
        """Rows that came one by one go before what comes behind them."""
        from suki.frames import landed_schema, to_table

        if self._rows:
            self._tables.append(to_table(landed_frame(self._rows, self.source, self.stream, self.tokens), landed_schema()))
            self._rows = []

    def fingerprint(self) -> str:
        """Of the raw field names seen, whatever their order."""
        return hashlib.sha256("\n".join(sorted(self._fields)).encode()).hexdigest()

    def _noted(self, landed: dict[str, Any], row: RawRow) -> dict[str, Any]:
        # The key as well: when a declaration's key is mended, the same rows are another landing, with other record ids.
        said = [landed[name] for name in ("file", "position", "problem", "source_key", "raw")]
        self.digest.update(as_json(said).encode())
        if not row.problem:
            self._fields.update(row.raw)
        return landed
