"""Gate: a suite judges a stage's batches, and only what survives goes on."""

from typing import Any

from include.batch import Batch
from include.errors import GateClosed
from suki import connections
from suki.declared import source_named
from suki.forgotten import forgotten_tokens, without_forgotten
from suki.lake import Lake
from suki.operators.base import BatchOperator
from suki.ui.links import QualityReportLink


class GateOperator(BatchOperator):
    """Judge each batch with its suite; quarantine rows that fail, close on what makes the batch unfit.

    It returns the surviving batches and the next step takes those, so no step can walk around its gate. A closed gate is final
    for this data: the task fails without retry, with a sentence that says what, how many and where to look.
    """

    operator_extra_links = (QualityReportLink(),)
    ui_color = "#e3f4e1"

    def run(self, context: Any) -> list[dict[str, Any]]:
        """Judge every batch before failing, so that one visit to the report shows all that is wrong."""
        judged = [self._judge(batch, context) for batch in self.received()]
        closed = [sentence for _, sentence in judged if sentence]
        if closed:
            raise GateClosed(" ".join(closed))
        return [batch.to_xcom() for batch, _ in judged]

    def _judge(self, batch: Batch, context: Any) -> tuple[Batch, str | None]:
        from include.quality import Gate, load_suite, window_facts
        from include.warehouse import quarantine, runs
        from suki.frames import rejected_schema, schema_of

        source = source_named(batch.source)
        suite = load_suite(suite_name(batch), source.expectations, stream=batch.stream)
        lake, place = Lake(connections.lake_root()), (batch.source, batch.stream)
        gate = Gate(suite, facts=window_facts(batch.window), about=f"{batch.source}.{batch.stream}")
        forgotten, suppressed = self._forgotten(batch), 0
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
        verdict = gate.close()
        ran: dict[str, Any] = {"dag_id": self.dag_id, "run_id": context["run_id"]}
        of: dict[str, Any] = {"source": batch.source, "stream": batch.stream}
        with connections.warehouse("suki_ingest", f"recording what the gate found in {batch.source}.{batch.stream}") as warehouse:
            runs.record_quality(warehouse, **ran, task_id=self.task_id, **of, results=verdict.results)
            if verdict.closed:
                return batch, verdict.sentence
            quarantined = sum(
                quarantine.put(warehouse, frame, **of, stage=batch.stage, manifest_id=batch.manifest_id, run_id=context["run_id"])
                for frame in lake.reading(rejected.uri)
            )
            runs.record_step(
                warehouse, **ran, step=self.task_id, **of, rows_in=batch.rows, rows_out=passed.rows, quarantined=quarantined,
                suppressed=suppressed,
            )  # fmt: skip
        self.log.info("%s", verdict.sentence)
        return batch.advance(batch.stage, passed.uri, passed.rows, quarantined=quarantined, suppressed=suppressed), None

    def _forgotten(self, batch: Batch) -> frozenset[str]:
        """Whose rows may not even be kept in quarantine. From the mapping on there are none of theirs."""
        if batch.stage != "landed":
            return frozenset()
        with connections.warehouse("suki_ingest", "reading the suppression list") as warehouse:
            return forgotten_tokens(warehouse)


def suite_name(batch: Batch) -> str:
    """Landed rows are judged alike; later stages by what the rows are."""
    return batch.stage if batch.stage == "landed" else f"{batch.stage}_{batch.kind}"
