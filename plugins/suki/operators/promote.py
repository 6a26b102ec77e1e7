"""The steps of putting a match model in force: what it would change, a person's word where that is much, the change itself."""

from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator

from include.errors import DeclarationError, SukiError
from suki import connections
from suki.operators.base import SukiOperator, answered_by
from suki.ui.links import ModelComparisonLink, address


class NoSecondPerson(SukiError):
    """Who wants a change of much is not who may say yes to it."""


class JudgePromotionOperator(SukiOperator):
    """Say what the candidate would change, and whether that is little enough to need nobody's approval.

    Args:
        candidate: First characters of the candidate's version; empty: the one compared last.
        reason: Why it shall be in force.
        free_share: Share of the customers that may merge or split without an approval.
    """

    template_fields = ("candidate", "reason")
    ui_color = "#f4ecd8"

    def __init__(self, *, candidate: str, reason: str, free_share: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.candidate, self.reason, self.free_share = candidate, reason, free_share

    def run(self, context: Any) -> dict[str, Any]:
        """Find the candidate; returns what the next steps need, in counts and versions."""
        from include.matching import load_spec
        from include.warehouse import promotions

        if not str(self.reason or "").strip():
            raise DeclarationError("the run's parameters", "reason", "is empty: say why the model shall be in force")
        with connections.warehouse("suki_resolve", "reading candidate models") as warehouse:
            found = promotions.candidate(warehouse, str(self.candidate or "").strip() or None)
        told = [f"What the model is learned by is owned by {load_spec().owner} (model.yml).", *found.report.get("sentences", ())]
        for line in told:
            self.log.info("%s", line)
        if found.publications_since:
            self.log.info("%s publications since this was measured.", f"{found.publications_since:,}")
        asks = found.share > self.free_share
        self.log.info(
            "%.2f%% of the customers would merge or split; without an approval %.2f%% may.%s",
            100 * found.share, 100 * self.free_share, " Somebody has to approve." if asks else "",
        )  # fmt: skip
        dag_id, run_id = found.compared_by
        return {
            "version": found.version, "in_force": found.in_force, "share": found.share, "asks": asks,
            "sentences": told[:13], "publications_since": found.publications_since,
            "page": address(ModelComparisonLink.page, {"dag_id": dag_id, "run_id": run_id}),
        }  # fmt: skip


class ApprovePromotionOperator(ApprovalOperator):
    """Wait for a person's yes where the change is large; silence means no. A small change passes at once.

    Args:
        judged: What the step before returned, or its output in a Dag file.
    """

    template_fields = (*ApprovalOperator.template_fields, "judged")
    ui_color = "#f7e3dc"

    def __init__(self, *, judged: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.judged = judged

    def execute(self, context: Any) -> Any:
        """Ask, or pass."""
        if not self.judged["asks"]:
            self.log.info("The change is small enough: nobody has to approve it.")
            return {"responded_by_user": None}
        return super().execute(context)


class PromoteOperator(SukiOperator):
    """Put the candidate in force, if the model it was held against still is.

    Args:
        judged: What the first step returned.
        approval: What the approval returned.
        reason: Why it shall be in force.
    """

    template_fields = ("judged", "approval", "reason")
    ui_color = "#f9d976"

    def __init__(self, *, judged: Any, approval: Any, reason: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.judged, self.approval, self.reason = judged, approval, reason

    def run(self, context: Any) -> dict[str, Any]:
        """Promote; a second try changes nothing."""
        from include.warehouse import promotions

        judged, version, in_force = self.judged, str(self.judged["version"]), str(self.judged["in_force"])
        actor = getattr(context["dag_run"], "triggering_user_name", None) or "unknown"
        approved_by = answered_by(self.approval)
        if judged["asks"] and approved_by == actor:
            raise NoSecondPerson(
                f"{actor} asked for {version[:12]} and approved it: a second person has to approve what changes so much."
                " Nothing is changed. Trigger this Dag again, and have somebody else answer."
            )
        with connections.warehouse("suki_resolve", "putting a match model in force") as warehouse:
            fresh = promotions.promote(
                warehouse,
                promotions.Promotion(
                    dag_id=self.dag_id, run_id=context["run_id"], version=version, in_force=in_force, actor=str(actor),
                    reason=str(self.reason).strip(), approved_by=approved_by, share=float(judged["share"]),
                ),
            )  # fmt: skip
        self.log.info(
            "%s is in force in place of %s%s. The next resolve run compares everything by it.",
            version[:12], in_force[:12], "" if fresh else " (an earlier try did it)",
        )  # fmt: skip
        for asset in self.outlets:
            context["outlet_events"][asset].extra = {"model_version": version, "replaced": in_force}
        return {"version": version, "replaced": in_force}
