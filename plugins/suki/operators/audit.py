"""Audit: how good the data are, counted whole, and kept beside the audits before."""

from datetime import UTC, datetime
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from suki import alerts, connections
from suki.operators.base import SukiOperator
from suki.ui.links import AuditLink


class AuditOperator(SukiOperator):
    """Count every dimension of quality by source, store and field, watch identity, and see who is under-represented."""

    operator_extra_links = (AuditLink(),)
    ui_color = "#e3f4e1"

    def run(self, context: Any) -> dict[str, int]:
        """Audit the warehouse as it stands; returns counts."""
        from include.cleaning.reasons import doubtful_flags
        from include.quality.audit import finding
        from include.warehouse import audit, published

        declared, ran = audit.load(), {"dag_id": self.dag_id, "run_id": context["run_id"]}
        with connections.warehouse("suki_resolve", "auditing") as warehouse:
            if published.latest(warehouse) is None:  # a schedule that comes due before the first source was synced
                raise AirflowSkipException("Nothing has been published yet, so there is nothing to audit.")
            counted = audit.audit(warehouse, **ran, as_of=datetime.now(UTC), doubtful=doubtful_flags(declared.fields))
            found = finding(
                audit.figures_of_run(warehouse, **ran), audit.earlier_scores(warehouse, **ran),
                under_represented=declared.under_represented, least_customers=declared.least_customers,
            )  # fmt: skip
        self.log.info("%s", found.sentence)
        for one in found.lowered:
            self.log.warning(
                "%s of %s %s %s fell from %.1f %% to %.1f %%.",
                one.dimension, one.source, one.scope, one.field, 100 * one.before, 100 * one.now,
            )  # fmt: skip
        if found.unusual:
            page = AuditLink().address_of(ran)
            alerts.send("The data are unlike what they were", f"{found.sentence}\nAudit: {page}", context)
        return {"figures": counted, "unusual": len(found.unusual), "lowered": len(found.lowered), "missing": len(found.missing)}
