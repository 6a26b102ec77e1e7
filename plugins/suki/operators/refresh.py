"""Refresh: what of the customers has gone stale is listed, with where to ask for it anew."""

from datetime import UTC, datetime
from typing import Any

from suki import connections
from suki.operators.base import SukiOperator


class RefreshOperator(SukiOperator):
    """List stale and bounced contact points and abandoned customers, and keep the share that is still valid by segment.

    Nothing is deleted for being old. What new evidence has revived since leaves the list by itself.
    """

    ui_color = "#efe6f5"

    def run(self, context: Any) -> dict[str, int]:  # now is what counts, whenever the run was due
        """Look at every customer; returns counts."""
        from include.warehouse.refresh import refresh

        with connections.warehouse("suki_resolve", "looking for what has gone stale") as warehouse:
            found = refresh(warehouse, datetime.now(UTC))
        for (point, state, touchpoint), n in found.due.items():
            self.log.info("%s %s %s, to be asked for: %s", f"{n:,}", _PLURAL[point], state, touchpoint)
        for point, (held, valid) in found.valid.items():
            self.log.info("%s of %s %s are still valid (%.1f %%)", f"{valid:,}", f"{held:,}", _PLURAL[point], 100 * valid / held)
        due = sum(found.due.values())
        self.log.info(
            "%s are due: %s newly listed, %s revived or gone since.", f"{due:,}", f"{found.listed:,}", f"{found.revived:,}"
        )
        return {"due": due, "listed": found.listed, "revived": found.revived}


_PLURAL = {"email": "e-mail addresses", "phone": "telephone numbers", "address": "postal addresses", "profile": "profiles"}
