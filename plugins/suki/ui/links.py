"""The buttons on tasks that open their reports."""

from typing import Any
from urllib.parse import urlencode

from airflow.sdk import BaseOperatorLink, conf


def address(page: str, query: dict[str, str]) -> str:
    """Where a page of ours is, asked for something."""
    base = conf.get("api", "base_url", fallback="http://localhost:8080").rstrip("/")
    return f"{base}/{page}?{urlencode(query)}"


class _PageLink(BaseOperatorLink):
    """A page of ours about this task's run, shown under a task's *Extra links*."""

    page = ""

    def get_link(self, operator: Any, *, ti_key: Any) -> str:  # noqa: ARG002 - Airflow's form
        """Address of the page."""
        return self.address_of(self.query(ti_key))

    def address_of(self, query: dict[str, str]) -> str:
        """The page, asked for something."""
        return address(self.page, query)

    def query(self, ti_key: Any) -> dict[str, str]:
        """What the page is asked for."""
        return {"dag_id": ti_key.dag_id, "run_id": ti_key.run_id}


class QualityReportLink(_PageLink):
    """What a gate found."""

    name = "Quality report"
    page = "suki/quality/run"

    def query(self, ti_key: Any) -> dict[str, str]:
        """This gate's part of the report."""
        return {**super().query(ti_key), "task_id": ti_key.task_id}


class DeliveryProfileLink(_PageLink):
    """What the delivery looked like before it was cleaned."""

    name = "Delivery profile"
    page = "suki/quality/profile"


class CleaningReportLink(_PageLink):
    """What cleaning did to it, field by field."""

    name = "Cleaning report"
    page = "suki/quality/cleaning"


class ModelComparisonLink(_PageLink):
    """What a candidate model would change."""

    name = "What would change"
    page = "suki/quality/model"


class RunDiffLink(_PageLink):
    """What a resolve run would change."""

    name = "What would change"
    page = "suki/quality/change"


class AuditLink(_PageLink):
    """How good the data are."""

    name = "Audit"
    page = "suki/quality/audit"
