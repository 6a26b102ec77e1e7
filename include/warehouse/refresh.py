"""What of the customers has gone stale: listed with where to ask for it anew, and counted by segment; nothing is deleted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from include.warehouse.bulk import run
from include.warehouse.engine import Bind, lock, transaction


@dataclass(frozen=True)
class Refreshed:
    """What a look at the customers found.

    Attributes:
        due: (point, state, touchpoint) > how many are listed now.
        listed: How many of them were not listed before.
        revived: How many were listed and are no longer: new evidence came, or the customer is gone.
        valid: Point > (how many are held, how many of them are verified or stated).
    """

    due: dict[tuple[str, str, str], int]
    listed: int
    revived: int
    valid: dict[str, tuple[int, int]]


def refresh(bind: Bind, as_of: datetime) -> Refreshed:
    """List what is due as of a moment and keep the shares of that day; the same moment again changes nothing.

    Args:
        bind: Engine or connection acting as ``suki_resolve``.
        as_of: The moment.
    """
    with transaction(bind, "looking for what has gone stale") as connection:
        lock(connection, "refresh")
        before = connection.scalar(text("SELECT count(*) FROM golden.refresh_due")) or 0
        run(connection, "refresh_look", {"as_of": as_of})
        gone = connection.execute(text(_GONE)).rowcount
        run(connection, "refresh_keep", {"as_of": as_of})
        due = connection.execute(
            text("SELECT point, state, touchpoint, count(*) FROM golden.refresh_due GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3")
        ).all()
        valid = connection.execute(
            text("SELECT point, held, valid FROM ops.freshness WHERE day = CAST(:as_of AS date) AND segment = 'all' ORDER BY 1"),
            {"as_of": as_of},
        ).all()
    listed = {(point, state, touchpoint): n for point, state, touchpoint, n in due}
    return Refreshed(
        listed, sum(listed.values()) - (before - gone), gone, {point: (held, standing) for point, held, standing in valid}
    )


_GONE = """
DELETE FROM golden.refresh_due AS due
WHERE NOT EXISTS (
    SELECT FROM pg_temp.looked
    WHERE looked.customer_id = due.customer_id AND looked.point = due.point AND looked.place = due.place
        AND looked.state IN ('stale', 'bounced', 'abandoned')
)
"""
