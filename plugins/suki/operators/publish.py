"""The last step of a resolve run: what it found, in the golden tables."""

from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowSkipException

from include.errors import Conflict
from include.resolution import Resolution
from suki import alerts, connections, watching
from suki.lake import Lake
from suki.operators.resolve import ResolveOperator
from suki.ui.links import RunDiffLink

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from include.warehouse.publish import Publication, PublishReport

_NOT_PUBLISHED = frozenset({"snapshot", "pairs", "weights", "decisions", "reach", "concerned", "doubted"})
_MANY = frozenset({"customers", "proofs", "memberships", "minted", "edges"})
"""What there is as much of as there are records: it is never all in memory."""


def of_today(resolution: Resolution) -> None:
    """Refuse a run whose golden values an earlier version of the project wrote.

    Raises:
        Conflict: It is one.
    """
    if "provenance" in resolution.artefacts:
        raise Conflict("This run began before provenance was kept in one row a customer. Run resolve_customers again.")


class PublishOperator(ResolveOperator):
    """Write what differs to the golden tables in one transaction."""

    ui_color = "#f9d976"

    def run(self, context: Any) -> dict[str, Any]:
        """Publish, unless the run is held and somebody cleared this task all the same."""
        if self.resolution["counts"].get("limits_exceeded"):
            self.log.warning("This run is held: only publish_held_run may publish it, after somebody said yes there.")
            raise AirflowSkipException("held")
        return super().run(context)

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Publish; a retry or a zombie of a published run finds its report and changes nothing."""
        from include.warehouse import publish

        of_today(resolution)
        artefacts: dict[str, Any] = {
            name: lake.blocks(uri) if name in _MANY else lake.get(uri)
            for name, uri in resolution.artefacts.items()
            if name not in _NOT_PUBLISHED
        }
        publication = publish.Publication(
            resolve_id=resolution.resolve_id, base_resolve_id=resolution.base_resolve_id, run_id=context["run_id"],
            model_version=resolution.model_version, counts=resolution.counts, belief=resolution.belief, **artefacts,
        )  # fmt: skip
        weighed = watching.matches_weighed(lake, resolution)
        with connections.warehouse("suki_resolve", "publishing") as warehouse:
            report = self.publish(warehouse, publication)
            shown_on = self.shown_on(context)
            watched = watching.watch(warehouse, resolution, weighed, report.counts, shown_on) if report.fresh else []
        lake.put_table(lake.table(resolution.artefacts["minted"]), "ledger", resolution.resolve_id)
        for change in ("created", "updated", "merged", "split", "retired"):
            self.log.info("%s customers %s", f"{report.counts.get(change, 0):,}", change)
        self.log.info("Golden content hash %s", report.content_hash)
        if odd := [f"{one.name.replace('_', ' ')} {one.now:.4g}, usually {one.usual:.4g}" for one in watched if one.unusual]:
            page = RunDiffLink().address_of(shown_on)
            alerts.send("Who is who is unlike earlier runs", "\n".join([*odd, f"Page: {page}"]), context)
        for asset in self.outlets:
            context["outlet_events"][asset].extra = {"content_hash": report.content_hash, **report.counts}
        return resolution.advance(counts=report.counts)

    def shown_on(self, context: Any) -> dict[str, str]:
        """The run whose page tells of this publication."""
        return {"dag_id": self.dag_id, "run_id": context["run_id"]}

    def publish(self, warehouse: "Connection", publication: "Publication") -> "PublishReport":
        """The transaction itself."""
        from include.warehouse import publish

        return publish.publish(warehouse, publication)
