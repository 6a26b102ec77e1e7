"""The step after publishing: who lives with whom, and who registered again and again."""

from functools import partial
from typing import TYPE_CHECKING, Any

from include.resolution import Resolution
from suki import connections
from suki.lake import Lake
from suki.operators.resolve import ResolveOperator

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection

    from include.golden.moving import Reach
    from include.warehouse.households import Accounts, Part, Scope


class HouseholdOperator(ResolveOperator):
    """Find the households and the repeat registrations of what was published, and write what differs."""

    ui_color = "#fbe3d0"

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Read the published customers, find, write; a retry finds its report and changes nothing."""
        from include.golden.households import find, found_by
        from include.heap import give_back
        from include.privacy.regions import comparable
        from include.warehouse import households

        resolve_id, regions = resolution.resolve_id, comparable()
        by = found_by(regions)
        with connections.warehouse("suki_resolve", "reading who lives where") as warehouse:
            if (part := self._near(resolution, lake, warehouse, by)) is not None:
                scope: Scope | None = part.scope
                found, read = part.reached.found(part.previous, partial(households.borne, warehouse)), part.read
                accounts = part.accounts
            else:
                everybody = households.read(warehouse)
                give_back()
                scope, read = None, len(everybody.residents)
                found = find(everybody.residents, everybody.doubtful, everybody.previous, regions)
                del everybody  # most of what this step ever holds
                give_back()
                accounts = households.read_accounts(warehouse)
        repeats, marks = _scored(accounts), accounts.marks
        del accounts, part
        give_back()
        with connections.warehouse("suki_resolve", "writing households") as warehouse:
            report = households.write(warehouse, resolve_id, found.members, found.ties, repeats, by, marks, scope)
        self.log.info("Of %s records it was looked at who lives with whom", f"{read:,}")
        counts = report.counts
        self.log.info(
            "%s customers live in %s households; %s registered at a source more than once, %s of them again and again",
            f"{counts['household_members']:,}",
            f"{counts['households']:,}",
            f"{counts['repeat_registrations']:,}",
            f"{counts['repeat_flagged']:,}",
        )
        return resolution.advance(counts={**counts, "residents_read": read})

    def _near(self, resolution: Resolution, lake: Lake, warehouse: "Connection", by: str) -> "Part[Reach] | None":
        """What the households of whom the change concerns, and near them, are found from; None where all are."""
        from include.golden.moving import within_reach
        from include.golden.restless import restless
        from include.privacy.regions import comparable
        from include.warehouse import households

        if not {"concerned", "doubted"} <= set(resolution.artefacts):
            return None
        records = lake.get(resolution.artefacts["concerned"])["record_id"]
        doubted = lake.get(resolution.artefacts["doubted"])
        marks = lake.get(resolution.artefacts["marks"])
        unheard = frozenset(marks.loc[~marks["reason"].isin(households.STILL_KNOWN), "record_id"])
        follow = partial(within_reach, comparable=comparable())
        who_moves = partial(restless, unheard=unheard)
        return households.read_part(warehouse, resolution.resolve_id, records, doubted, by, who_moves, follow)


def _scored(accounts: "Accounts") -> "pd.DataFrame":
    """Who registered at a source more than once, beside the first orders that were looked at."""
    from include.golden import repeat_registrations

    moments = accounts.held["first_seen_at"].fillna(accounts.held["first_source_time"])
    scored = repeat_registrations.score(accounts.held.assign(registered_at=moments), accounts.first_orders)
    return scored.merge(accounts.orders, on=["customer_id", "source"], how="left")
