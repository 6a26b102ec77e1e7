"""Gate: a suite judges a stage's batches, and only what survives goes on."""

from typing import TYPE_CHECKING, Any, NamedTuple

from include.batch import Batch, Window
from include.errors import GateClosed
from include.sources import Source
from suki import connections
from suki.declared import source_named
from suki.forgotten import forgotten_tokens, without_forgotten
from suki.lake import Lake
from suki.operators.base import BatchOperator, total
from suki.ui.links import QualityReportLink

if TYPE_CHECKING:
    from include.quality import Gate


class GateOperator(BatchOperator):
    """Judge each batch with its suite; quarantine rows that fail, close on what makes the batch unfit.

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
        from include.quality import Gate, load_suite, of_rows, window_facts
        from include.warehouse import quarantine, runs

        first = batches[0]
        of: dict[str, Any] = {"source": first.source, "stream": first.stream}
        source, about = source_named(first.source), f"{first.source}.{first.stream}"
        suite = load_suite(suite_name(first), source.expectations, stream=first.stream)
        whole = Window(min(batch.window.start for batch in batches), max(batch.window.end for batch in batches))
        gate = Gate(of_rows(suite) if self.again else suite, facts=window_facts(whole), about=about)
        forgotten = self._forgotten(first.stage)
        parted = [self._part(gate, batch, source, forgotten) for batch in batches]
        verdict = gate.close()
        ran: dict[str, Any] = {"dag_id": self.dag_id, "run_id": context["run_id"]}
        lake, done = Lake(connections.lake_root()), []
        with connections.warehouse("suki_ingest", f"recording what the gate found in {about}") as warehouse:
            runs.record_quality(warehouse, **ran, task_id=self.task_id, **of, results=verdict.results)
            if verdict.closed:
                return batches, verdict.sentence
            for batch, part in zip(batches, parted, strict=True):
                at = {"stage": batch.stage, "manifest_id": batch.manifest_id, "run_id": context["run_id"]}
                quarantined = sum(
                    quarantine.stayed(warehouse, frame, **at) if self.again else quarantine.put(warehouse, frame, **of, **at)
                    for frame in lake.reading(part.rejected)
                )
                left = {"quarantined": quarantined, "suppressed": part.suppressed}
                done.append(batch.advance(batch.stage, part.passed, part.rows, **left))
            runs.record_step(
                warehouse, **ran, step=self.task_id, **of, rows_in=total(batches), rows_out=total(done),
                quarantined=_newly("quarantined", batches, done), suppressed=_newly("suppressed", batches, done),
            )  # fmt: skip
        self.log.info("%s", verdict.sentence)
        return done, None

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
