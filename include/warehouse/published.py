"""The state that everybody sees: what the latest published resolve run left."""

from typing import Any

from sqlalchemy import Row, select

from include.warehouse.engine import Bind, transaction
from include.warehouse.tables import resolve_run


def latest(bind: Bind) -> Row[Any] | None:
    """The row of ``ops.resolve_run`` of what is published; None before the first publication."""
    wanted = select(resolve_run).where(resolve_run.c.status == "published").order_by(resolve_run.c.sequence.desc()).limit(1)
    with transaction(bind, "reading the last publication") as connection:
        return connection.execute(wanted).one_or_none()
