"""The button on a gate's task that opens its report."""

from typing import Any
from urllib.parse import urlencode

from airflow.sdk import BaseOperatorLink, conf

PAGE = "suki/quality/run"


class QualityReportLink(BaseOperatorLink):
    """Shown under a task's *Extra links*."""

    name = "Quality report"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:  # noqa: ARG002 - Airflow's form
        """Address of the report of this task of this run."""
        base = conf.get("api", "base_url", fallback="http://localhost:8080").rstrip("/")
        query = urlencode({"dag_id": ti_key.dag_id, "run_id": ti_key.run_id, "task_id": ti_key.task_id})
        return f"{base}/{PAGE}?{query}"
