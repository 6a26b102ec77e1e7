"""Gate of a resolve run: judges what is about to be published as a whole."""

from typing import Any

from include.errors import GateClosed
from include.resolution import Resolution
from suki import connections
from suki.lake import Lake
from suki.operators.resolve import ResolveOperator
from suki.ui.links import QualityReportLink

SOURCE = "golden"
"""What the quality report shows in place of a source."""


NOBODY_ELSE = dict.fromkeys(("other_records", "other_customers", "other_shared"), 0)
"""What there is beside a run that brings the whole; one that brings a part counts it (``Identities.others``)."""

WHAT_HELPS = "\n  What is not well:    suki doctor\n  Once it is mended:   airflow dags trigger resolve_customers"
"""The two commands that a closed gate calls for."""


class ResolutionGateOperator(ResolveOperator):
    """Judge one of the run's artefacts.

    Rows cannot be set aside here, for every record must have its customer: rows that break a rule are published and reported,
    unless they are so many that the gate closes.

    Args:
        suite: The suite that judges.
        artefact: Which of the run's artefacts it judges.
    """

    template_fields = ("resolution",)
    operator_extra_links = (QualityReportLink(),)
    ui_color = "#e3f4e1"

    def __init__(self, *, suite: str, artefact: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.suite, self.artefact = suite, artefact

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Judge; nothing is changed."""
        from include.privacy.regions import comparable
        from include.quality import Gate, load_suite
        from include.warehouse import runs

        facts = {**NOBODY_ELSE, **resolution.counts, "comparable": comparable()}
        gate = Gate(load_suite(self.suite), facts=facts)
        for chunk in lake.reading(resolution.artefacts[self.artefact]):
            gate.split(chunk)
        verdict = gate.close()
        with connections.warehouse("suki_resolve", "recording what the gate found") as warehouse:
            runs.record_quality(
                warehouse, dag_id=self.dag_id, run_id=context["run_id"], task_id=self.task_id, source=SOURCE, stream=self.suite,
                results=verdict.results,
            )  # fmt: skip
        if verdict.closed:
            raise GateClosed(verdict.sentence + WHAT_HELPS)
        self.log.info("Gate %s is open: %s rows judged.", self.suite, f"{verdict.rows:,}")
        if verdict.quarantined:
            self.log.warning(
                "%s of them break a rule and are published all the same; the quality report says which rule.",
                f"{verdict.quarantined:,}",
            )
        return resolution
