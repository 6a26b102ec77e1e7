"""Gate: a suite judges a stage's batches, and only what survives goes on."""

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from include.batch import Batch, Window
from include.errors import GateClosed
from include.sources import Source
from suki import connections
from suki.declared import source_named
from suki.forgotten import forgotten_tokens, owners, without_forgotten
from suki.lake import Lake
from suki.operators.base import BatchOperator, total
from suki.replaying import mode_of
from suki.ui.links import QualityReportLink
from suki.volume import volume_of

if TYPE_CHECKING:
    from include.quality import Gate
    from include.quality.declared import Suite

NEW_SHARE = "new_record_share"
"""A fact that suites may ask for: the share of the records nobody had heard of before the day."""


class GateOperator(BatchOperator):
    """Judge each batch with its suite; quarantine rows that fail, close on what makes the batch unfit.

    How many rows land is held against what the source's declaration says of a day, unless the run was told not to
    (``learned_bounds``). Where a suite learns what is usual, a run of one day is held against earlier days of that weekday. A
    bulk load, a backfill and a run that was told so are not: they must end the same whatever was there before.

    It returns the surviving batches and the next step takes those, so no step can walk around its gate. A closed gate is final
    for this data: the task fails without retry, with a sentence that says what, how many and where to look.
    """

    operator_extra_links = (QualityReportLink(),)
    ui_color = "#e3f4e1"

    def run(self, context: Any) -> list[dict[str, Any]]:
        """Judge every batch before failing, so that one visit to the report shows all that is wrong."""
        judged = [self._judge(batches, context) for batches in self.received()]
        closed = [sentence for _, sentence in judged if sentence]
        if closed:
            raise GateClosed(" ".join(closed))
        return [batch.to_xcom() for batches, _ in judged for batch in batches]

    def _judge(self, batches: list[Batch], context: Any) -> tuple[list[Batch], str | None]:
        from include.quality import Gate, load_suite, of_readings, of_rows, window_facts
        from include.warehouse import quarantine, runs, usual

        first, mode = batches[0], mode_of(context)
        of: dict[str, Any] = {"source": first.source, "stream": first.stream}
        source, about = source_named(first.source), f"{first.source}.{first.stream}"
        stream = source.streams[first.stream]
        suite = load_suite(suite_name(first), source.expectations, stream=first.stream)
        whole = Window(min(batch.window.start for batch in batches), max(batch.window.end for batch in batches))
        news = not (self.again or mode.from_landing)  # what was taken before is no day to be judged beside others
        day = whole.start.date() if whole.end - whole.start == timedelta(days=1) and news else None
        facts, history = self._known(suite, batches, day, context)
        suite = self._as_declared(suite, first, source, whole, context) if news else suite
        suite = of_readings(suite) if mode.from_landing and not stream.files else suite
        gate = Gate(
            of_rows(suite) if self.again else suite, facts=window_facts(whole) | facts, about=about,
            owner=f"{source.owner} ({source.contact})", history=history,
        )  # fmt: skip
        forgotten = self._forgotten(first.stage)
        parted = [self._part(gate, batch, source, forgotten) for batch in batches]
        verdict = gate.close()
        ran: dict[str, Any] = {"dag_id": self.dag_id, "run_id": context["run_id"]}
        lake, done = Lake(connections.lake_root()), []
        with connections.warehouse("suki_ingest", f"recording what the gate found in {about}") as warehouse:
            runs.record_quality(warehouse, **ran, task_id=self.task_id, **of, results=verdict.results)
            if verdict.closed:
                return batches, verdict.sentence + _what_helps(first.source, whole, amount=verdict.closed_by_amount_alone)
            if day:
                usual.keep(warehouse, **of, suite=suite.suite, day=day, **ran, figures=verdict.figures)
            for batch, part in zip(batches, parted, strict=True):
                at = {"stage": batch.stage, "manifest_id": batch.manifest_id, "run_id": context["run_id"]}
                before = quarantine.open_places(warehouse, batch.manifest_id) if mode.from_landing else set()
                quarantined = fresh = 0
                for frame in lake.reading(part.rejected):
                    quarantined += len(frame)
                    fresh += sum(place not in before for place in zip(frame["file"], frame["position"], strict=True))
                    if mode.preview:
                        continue
                    if not self.again:
                        theirs = owners(frame, batch.stage, source, stream)
                        quarantine.put(warehouse, frame, **of, **at, owners=theirs)
                    if self.again or mode.from_landing:
                        quarantine.stayed(warehouse, frame, **at)
                left = {"quarantined": quarantined, "suppressed": part.suppressed}
                if mode.from_landing:
                    left["newly_quarantined"] = fresh
                done.append(batch.advance(batch.stage, part.passed, part.rows, **left))
            runs.record_step(
                warehouse, **ran, step=self.task_id, **of, rows_in=total(batches), rows_out=total(done),
                quarantined=_newly("quarantined", batches, done), suppressed=_newly("suppressed", batches, done),
            )  # fmt: skip
        self.log.info("%s", verdict.sentence)
        return done, None

    def _known(
        self, suite: "Suite", batches: list[Batch], day: date | None, context: Any
    ) -> tuple[dict[str, Any], dict[str, list[float]] | None]:
        """What the warehouse knows of a day before it is judged: the facts it alone can tell, and what was usual."""
        from include.warehouse import usual

        learned = [expectation.learned for expectation in suite.expectations if expectation.learned]
        asked = _asked(context) and context["dag_run"].run_type != "backfill"
        facts: dict[str, Any] = dict.fromkeys(suite.facts.keys() & {NEW_SHARE})
        if day is None or not (learned or facts):
            return facts, None
        of: dict[str, Any] = {"source": batches[0].source, "stream": batches[0].stream}
        with connections.warehouse("suki_ingest", f"reading what is usual of {of['source']}.{of['stream']}") as warehouse:
            if facts:
                facts[NEW_SHARE] = usual.new_share(warehouse, [batch.manifest_id for batch in batches], day)
            if not (asked and learned):
                return facts, None
            days = max(bounds.most for bounds in learned)
            return facts, usual.before(warehouse, **of, suite=suite.suite, day=day, days=days)

    def _as_declared(self, suite: "Suite", batch: Batch, source: Source, window: Window, context: Any) -> "Suite":
        """The suite, and of what landed, how many rows the source's owner says there are."""
        from include.quality import within_volume
        from include.warehouse import watermarks

        stream = source.streams[batch.stream]
        if batch.stage != "landed" or stream.volume is None or not _asked(context):
            return suite
        read_to = None
        if not stream.files:
            with connections.warehouse("suki_ingest", f"reading how far {source.name}.{stream.name} was read") as warehouse:
                read_to = watermarks.read_to(warehouse, source.name, stream.name)
        bounds = volume_of(source, stream, window, read_to)
        return within_volume(suite, *bounds) if bounds else suite

    def _part(self, gate: "Gate", batch: Batch, source: Source, forgotten: frozenset[str]) -> "_Parted":
        """The rows of a batch that pass, and those that do not, in two files."""
        from suki.frames import rejected_schema, schema_of

        lake, place = Lake(connections.lake_root()), (batch.source, batch.stream)
        suppressed = 0
        with (
            lake.writing(schema_of(batch.stage, batch.kind), f"gated_{batch.stage}", *place) as passed,
            lake.writing(rejected_schema(batch.stage, batch.kind), f"rejected_{batch.stage}", *place) as rejected,
        ):
            for chunk in lake.reading(batch.uri):
                kept, failed = gate.split(chunk)
                passed.write(kept)
                if forgotten:
                    judged, failed = len(failed), without_forgotten(failed, forgotten, source, source.streams[batch.stream])
                    suppressed += judged - len(failed)
                rejected.write(failed)
        return _Parted(passed.uri, passed.rows, rejected.uri, suppressed)

    def _forgotten(self, stage: str) -> frozenset[str]:
        """Whose rows may not even be kept in quarantine. From the mapping on there are none of theirs."""
        if stage != "landed":
            return frozenset()
        with connections.warehouse("suki_ingest", "reading the suppression list") as warehouse:
            return forgotten_tokens(warehouse)


def _asked(context: Any) -> bool:
    """Whether the run is to be judged by how much it brings; whoever triggers it may say no."""
    return bool((context.get("params") or {}).get("learned_bounds", True))


def _what_helps(source: str, window: Window, *, amount: bool) -> str:
    """The two commands that a closed gate calls for."""
    conf = {"window_start": f"{window.start:%Y-%m-%d}", "window_end": f"{window.end:%Y-%m-%d}"}
    again = f"airflow dags trigger ingest_{source} --conf '{json.dumps(conf)}'"
    if amount:
        as_it_is = f"airflow dags trigger ingest_{source} --conf '{json.dumps({**conf, 'learned_bounds': False})}'"
        return f"\n  Sent anew:           {again}\n  Right as it is:      {as_it_is}"
    look = f"suki sources check {source} --day {window.end - timedelta(days=1):%Y-%m-%d}"
    return f"\n  What comes now:      {look}\n  Once it is mended:   {again}"


class _Parted(NamedTuple):
    """Where a gate wrote a batch's rows."""

    passed: str
    rows: int
    rejected: str
    suppressed: int


def _newly(reason: str, before: list[Batch], after: list[Batch]) -> int:
    return sum(batch.counts.get(reason, 0) for batch in after) - sum(batch.counts.get(reason, 0) for batch in before)


def suite_name(batch: Batch) -> str:
    """Landed rows are judged alike; later stages by what the rows are."""
    return batch.stage if batch.stage == "landed" else f"{batch.stage}_{batch.kind}"
