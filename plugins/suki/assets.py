"""The assets Suki's Dags tell one another of."""

from airflow.sdk import Asset


def staged(source: str) -> Asset:
    """A source's records and interactions, as staged in the warehouse."""
    return Asset(f"staged_{source}", uri=f"suki://warehouse/staging/{source}", group="suki")


RELEASED = Asset("staged_from_quarantine", uri="suki://warehouse/staging/quarantine", group="suki")
"""Records and interactions of any source that came back from quarantine."""

GOLDEN_CUSTOMER = Asset("golden_customer", uri="suki://warehouse/golden/customer", group="suki")

MATCH_MODEL = Asset("match_model", uri="suki://warehouse/identity/match_model", group="suki")
"""The match model in force."""

HELD_RUN = Asset("held_run", uri="suki://warehouse/ops/held_run", group="suki")
"""A resolve run that would change more than is declared, and so waits for a yes."""
