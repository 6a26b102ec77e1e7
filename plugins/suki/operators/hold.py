"""The steps around a resolve run that would change much: say what would change, hold it, ask, publish what was approved."""

from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk.exceptions import AirflowSkipException, DownstreamTasksSkipped

from include.resolution import Resolution
from suki import connections
from suki.assets import HELD_RUN
from suki.lake import Lake
from suki.operators.base import SukiOperator, answered_by, plain_errors
from suki.operators.publish import PublishOperator, of_today
from suki.operators.resolve import ResolveOperator, declared_limits
from suki.ui.links import RunDiffLink, address


class WeighChangeOperator(ResolveOperator):
    """Say what publishing would change, and lead to publishing or, where a declared limit is exceeded, to holding.

    Args:
        limits: File of the declared limits; empty: ``include/golden/blast_radius.yml``.
        publish: The task that publishes.
        hold: The task that holds.
    """

    operator_extra_links = (RunDiffLink(),)
    ui_color = "#f4ecd8"

    def __init__(self, *, limits: str = "", publish: str = "publish", hold: str = "hold", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.limits, self.publish, self.hold = limits, publish, hold

    def execute(self, context: Any) -> Any:
        """Weigh, then take one of the two ways."""
        reference = super().execute(context)
        beside = self.downstream_task_ids - {self.hold if reference["counts"].get("limits_exceeded") else self.publish}
        if beside:
            context["ti"].xcom_push(key="return_value", value=reference)
            raise DownstreamTasksSkipped(tasks=sorted(beside))
        return reference

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Weigh and keep what was found; nothing is published. A retry weighs again."""
        import pandas as pd

        from include.warehouse import diffs, publish

        radius = declared_limits(self.limits)
        of_today(resolution)
        read: dict[str, Any] = {
            name: lake.get(uri) for name, uri in resolution.artefacts.items() if name in ("aliases", "touched", "marks")
        }
        read |= {name: lake.blocks(resolution.artefacts[name]) for name in ("customers", "memberships")}
        nothing = pd.DataFrame()
        publication = publish.Publication(
            resolve_id=resolution.resolve_id, base_resolve_id=resolution.base_resolve_id, run_id=context["run_id"],
            model_version=resolution.model_version, counts=resolution.counts,
            proofs=nothing, minted=nothing, edges=nothing, **read,
        )  # fmt: skip
        with connections.warehouse("suki_resolve", "weighing what would change") as warehouse:
            diff = publish.weigh(warehouse, publication)
            if diff is None:
                self.log.info("This run is published already: there is nothing left to weigh.")
                return resolution
            because = radius.exceeded(diff)
            if because:
                resolution = resolution.advance(counts={"limits_exceeded": len(because)})
            weighed = diffs.Weighed(
                resolution.resolve_id, self.dag_id, context["run_id"], resolution.base_resolve_id, diff, because,
                read["marks"]["mark_id"].tolist(), resolution.to_xcom(),
            )  # fmt: skip
            diffs.keep(warehouse, weighed)
        for line in told(diff):
            self.log.info("%s", line)
        self.log.info("%s", "Too much to publish unasked." if because else "Within the declared limits.")
        return resolution


def told(diff: Any) -> list[str]:
    """What a run would change, as sentences: counts and names of fields, and a few opaque ids."""
    from include.warehouse.publish import CHANGES  # jsonb keeps no order

    changes = ", ".join(f"{diff['changes'][change]:,} {change}" for change in CHANGES if diff["changes"][change])
    lines = [f"Of {diff['customers_before']:,} customers this would change: {changes or 'none'}."]
    if diff["fields"]:
        lines.append(
            "Values changed: " + ", ".join(f"{name} of {count:,}" for name, count in sorted(diff["fields"].items())) + "."
        )
    if any(diff["consent_lost"].values()):
        lost = ", ".join(f"{channel} of {count:,}" for channel, count in diff["consent_lost"].items() if count)
        lines.append(f"Consent lost: {lost}.")
    lines += [f"For example {change}: {', '.join(diff['examples'][change])}." for change in CHANGES if change in diff["examples"]]
    return lines


class HoldOperator(ResolveOperator):
    """End the run held: nothing of it is published until somebody approves, and later runs take in what it held."""

    operator_extra_links = (RunDiffLink(),)
    ui_color = "#f7e3dc"

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Say so, and wake the Dag that asks."""
        from include.warehouse import diffs

        with connections.warehouse("suki_resolve", "reading the held run") as warehouse:
            held = diffs.held(warehouse, resolution.resolve_id)
        self.log.warning("HELD: nothing of this run is published, for it would change more than is declared.")
        for because in held.held_because:
            self.log.warning("%s", because)
        self.log.info(
            "publish_held_run asks for a yes under Required Actions. Without one nothing is published; later runs are not held"
            " back by this one, and take in what it held. Its id: %s",
            held.resolve_id,
        )
        for asset in self.outlets:
            context["outlet_events"][asset].extra = {"resolve_id": held.resolve_id, "run_id": context["run_id"]}
        return resolution


class ShowHeldOperator(SukiOperator):
    """Find the held run and what it would change, in counts and opaque ids.

    Args:
        resolve_id: Which; empty: the one that woke this run, else the latest.
    """

    template_fields = ("resolve_id",)
    ui_color = "#f4ecd8"

    def __init__(self, *, resolve_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.resolve_id = resolve_id

    def run(self, context: Any) -> dict[str, Any]:
        """Look it up; ends the run where a newer held one asks already."""
        from include.warehouse import diffs

        asked, woken = str(self.resolve_id or "").strip(), _woken_by(context)
        with connections.warehouse("suki_resolve", "reading the held run") as warehouse:
            held = diffs.held(warehouse, asked or None)
        if woken and not asked and held.resolve_id != woken:
            self.log.info("A newer run was held since (%s), with all that this one held: it asks in its own run.", held.run_id)
            raise AirflowSkipException("a newer held run asks")
        sentences = [*(f"**{because}**" for because in held.held_because), *told(held.diff)]
        for line in sentences:
            self.log.info("%s", line)
        if held.answer:
            self.log.info("It was asked before; the answer was: %s.", held.answer)
        page = address(RunDiffLink.page, {"dag_id": held.dag_id, "run_id": held.run_id})
        return {"resolve_id": held.resolve_id, "run_id": held.run_id, "sentences": sentences, "page": page}


def _woken_by(context: Any) -> str | None:
    """The held run whose asset event started this run; the latest of several."""
    events = (context.get("triggering_asset_events") or {}).get(HELD_RUN) or ()
    ids = [event.extra.get("resolve_id") for event in events if event.extra]
    return str(ids[-1]) if ids and ids[-1] else None


class ApproveHeldOperator(ApprovalOperator):
    """Wait for a person's yes; silence means no. What was said is kept.

    Args:
        held: What the step before returned, or its output in a Dag file.
    """

    template_fields = (*ApprovalOperator.template_fields, "held")
    ui_color = "#f7e3dc"

    def __init__(self, *, held: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.held = held

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """Keep a no with who said it; a yes is kept by the publication itself."""
        if "error" not in event and event["chosen_options"] != [self.APPROVE]:
            by = answered_by(event)
            with plain_errors():
                self._keep("refused" if by else "silence", by)
            self.log.info("%s: nothing is published.", "Refused" if by else "Nobody answered, and silence means no")
        return super().execute_complete(context, event)

    def _keep(self, given: Any, by: str | None) -> None:
        from include.warehouse import diffs

        with connections.warehouse("suki_resolve", "keeping the answer to a held run") as warehouse:
            diffs.answer(warehouse, str(self.held["resolve_id"]), given, by)


class PublishHeldOperator(PublishOperator):
    """Publish what was approved, if it is still what was shown.

    Args:
        held: What ``ShowHeldOperator`` returned.
        approval: What the approval returned.
    """

    template_fields = ("held", "approval")  # type: ignore[assignment]

    def __init__(self, *, held: Any, approval: Any, **kwargs: Any) -> None:
        super().__init__(resolution={}, **kwargs)
        self.held, self.approval = held, approval

    def run(self, context: Any) -> dict[str, Any]:
        """Fetch where the held run's rows lie, and publish them; a second try finds its report and changes nothing."""
        from include.warehouse import diffs

        with connections.warehouse("suki_resolve", "reading the held run") as warehouse:
            self._of = diffs.held(warehouse, str(self.held["resolve_id"]))
        resolution = Resolution.from_xcom(dict(self._of.resolution))
        return self.step(resolution, Lake(connections.lake_root()), context).to_xcom()

    def shown_on(self, context: Any) -> dict[str, str]:
        """The held run's page, where it was decided."""
        return {"dag_id": self._of.dag_id, "run_id": self._of.run_id}

    def publish(self, warehouse: Any, publication: Any) -> Any:
        """Publish and keep who said yes, in one transaction."""
        from include.warehouse import diffs, publish

        report = publish.publish(warehouse, publication, approved=self._of.diff["changes"])
        if report.fresh:
            diffs.answer(warehouse, publication.resolve_id, "approved", answered_by(self.approval))
        return report
