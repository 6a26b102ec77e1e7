"""What all tasks of a Dag have in common: whom they belong to, how often they are tried, who is told when they fail for good."""

from typing import Any

from suki import settings
from suki.alerts import IncidentNotifier


def of_tasks(owner: str = "customer-data") -> dict[str, Any]:
    """A Dag's ``default_args``.

    Args:
        owner: Who answers for it.
    """
    return {
        "owner": owner, "retries": settings.retries(), "retry_delay": settings.retry_delay(),
        "on_failure_callback": IncidentNotifier(),
    }  # fmt: skip
