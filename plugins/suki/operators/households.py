"""The step after publishing: who lives with whom, and who registered again and again."""

from typing import Any

from include.resolution import Resolution
from suki import connections
from suki.lake import Lake
from suki.operators.resolve import ResolveOperator


class HouseholdOperator(ResolveOperator):
    """Find the households and the repeat registrations of what was published, and write what differs."""

    ui_color = "#fbe3d0"

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Read the published customers, find, write; a retry finds its report and changes nothing."""
        from include.golden import repeat_registrations
        from include.golden.households import find
        from include.privacy.regions import comparable
        from include.warehouse import households

        with connections.warehouse("suki_resolve", "reading who lives where") as warehouse:
            living = households.read(warehouse)
        found = find(living.residents, living.doubtful, living.previous, comparable())
        accounts = living.residents.assign(
            registered_at=living.residents["first_seen_at"].fillna(living.residents["first_source_time"])
        )
        repeats = repeat_registrations.score(accounts, living.first_orders)
        with connections.warehouse("suki_resolve", "writing households") as warehouse:
            report = households.write(warehouse, resolution.resolve_id, found.members, found.ties, repeats)
        counts = report.counts
        self.log.info(
            "%s customers live in %s households; %s registered at a source more than once, %s of them again and again",
            f"{counts['household_members']:,}",
            f"{counts['households']:,}",
            f"{counts['repeat_registrations']:,}",
            f"{counts['repeat_flagged']:,}",
        )
        return resolution.advance(counts=counts)
