"""What golden values each customer of a resolve run gets."""

from typing import Any

from include.errors import Conflict
from include.resolution import Resolution
from suki import believing, connections
from suki.declared import only_adding
from suki.lake import Lake
from suki.operators.resolve import ResolveOperator


class SurviveOperator(ResolveOperator):
    """Choose each customer's golden values and remember where they came from."""

    ui_color = "#f6e7c1"

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Apply the survivorship rules to every customer, then what stewards pinned."""
        from include.golden.pins import Pin
        from include.warehouse import pins, registry
        from suki.surviving import Judge, survived

        if resolution.belief is None:
            raise Conflict(
                "This run began before it was settled what its golden values are chosen by. Clear it from its first step."
            )
        with connections.warehouse("suki_resolve", "reading what golden values are chosen by") as warehouse:
            given = tuple(Pin(**row) for row in pins.in_force(warehouse))
            belief = believing.kept(warehouse, resolution.belief)
            strange = sorted(registry.landed(warehouse) - set(belief.trust))
        if strange:
            self.log.warning(
                "No folder of include/sources declares %s any more: what their records say is believed only where nobody else"
                " speaks.",
                ", ".join(strange),
            )
        # Of a snapshot that holds more than was touched, only whom this run tells of.
        found = survived(
            lake, resolution.artefacts["snapshot"], resolution.artefacts["memberships"],
            Judge(belief.rules, belief.trust, tuple(only_adding()), given), "resolve", resolution.resolve_id,
        )  # fmt: skip
        self.log.info("%s golden records, %s values with their provenance", f"{found.customers:,}", f"{found.proven:,}")
        if given:
            self.log.info(
                "%s values are as stewards pinned them; suki pins lists those that stand no longer", f"{found.pinned:,}"
            )
        return resolution.advance(artefacts=dict(found.artefacts))
