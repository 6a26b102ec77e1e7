"""Where each golden value comes from, and which values lost against it: derived from the records, never stored.

The confidence of a value is agreeing / holding: of the customer's records that hold any value of the field, the share that hold
this one (of a set: its first). A value that a steward pinned has no record and is held to be right.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from include.golden.pins import PINNED


@dataclass(frozen=True)
class Held:
    """A value, and the records that hold it."""

    value: Any
    record_ids: tuple[str, ...]


@dataclass(frozen=True)
class Lineage:
    """Where one golden value comes from.

    Attributes:
        field: The field.
        value: The golden value; None where records disagree and the rule leaves the field empty.
        rule: The rule that chose it.
        record_ids: The records that supplied it.
        agreeing: How many of the customer's records hold it; of a set, its first.
        holding: How many hold any value.
        held: Every value the records hold now, the golden one first (of a set, each of its values in order), then the others,
            those that most records hold first.
    """

    field: str
    value: Any
    rule: str
    record_ids: tuple[str, ...]
    agreeing: int
    holding: int
    held: tuple[Held, ...]

    @property
    def is_set(self) -> bool:
        """Whether the golden value is a set, in which nothing loses."""
        return isinstance(self.value, list)

    @property
    def confidence(self) -> float:
        """Share of the records with a value that hold this one; a steward's word is taken whole."""
        return 1.0 if self.rule == PINNED else self.agreeing / self.holding

    @property
    def lost(self) -> tuple[Held, ...]:
        """The values that lost."""
        return () if self.is_set else tuple(one for one in self.held if one.value != self.value)

    @property
    def adds_up(self) -> bool:
        """Whether the records still say what the stored counts say: else some changed since."""
        holders = {record for one in self.held for record in one.record_ids}
        first = self.value[0] if self.is_set else self.value
        agreeing = next((len(one.record_ids) for one in self.held if one.value == first), 0)
        return (agreeing, len(holders)) == (self.agreeing, self.holding)


def lineage(customer: Mapping[str, Any], provenance: Iterable[Mapping[str, Any]], records: pd.DataFrame) -> list[Lineage]:
    """Where the golden values of one customer come from, in the order of the provenance.

    Args:
        customer: The golden row.
        provenance: The customer's rows: ``field, record_ids, rule, agreeing, holding``.
        records: The customer's current records: ``record_id`` and the canonical fields.
    """
    return [
        Lineage(
            field=row["field"],
            value=customer[row["field"]],
            rule=row["rule"],
            record_ids=tuple(map(str, row["record_ids"])),
            agreeing=row["agreeing"],
            holding=row["holding"],
            held=_held(customer[row["field"]], row["field"], records),
        )
        for row in provenance
    ]


def _held(golden: Any, field: str, records: pd.DataFrame) -> tuple[Held, ...]:
    values: dict[Any, list[str]] = {}
    for record_id, said in zip(records["record_id"].map(str), records[field], strict=True):
        for value in said if isinstance(said, list) else [said]:
            if not (value is None or value is pd.NaT or value != value):  # noqa: PLR0124 - NaN is what does not equal itself
                values.setdefault(value, []).append(record_id)
    order = {value: place for place, value in enumerate(golden if isinstance(golden, list) else [golden])}
    ranked = sorted(values.items(), key=lambda item: (order.get(item[0], len(order)), -len(item[1]), item[1]))
    return tuple(Held(value, tuple(sorted(holders))) for value, holders in ranked)
