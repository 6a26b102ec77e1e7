"""How often two strangers bear one name, told from the company that names keep.

Counting the pairs of one name would count one person's records too, which are most of them; and names are no independent draws:
who is called Spyridon is more likely a Kokkinos than a Kowalski, so the shares of both names multiplied fall short, three to five
times where customers are of many countries. So the family names that may stand beside a given name are learned from others: from
somebody of the same given name and another family name, to somebody of that family name and another given name, to a third of
that one's given name. The third has nothing in common with the first but the company they keep, so that they have one family
name as well is chance, and no pair of one person's records takes part in it. The method is our own.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from include.matching.table import Ints

_LEAST = 30
"""Different names that walks came back to; fewer say nothing, for then the same few records are walked over and over."""


@dataclass(frozen=True)
class NamesInCommon:
    """How often records have names in common.

    Attributes:
        given: Share of all pairs of records that have one given name, those of one person included.
        family: Chance that two strangers of one given name have one family name as well.
    """

    given: float
    family: float


def names_in_common(given: Ints, family: Ints, walks: int, seed: int) -> NamesInCommon | None:
    """Read it off records; None where they are too few to say.

    Args:
        given: Code of each record's given name, -1 without one; the records in an order that follows from what they say.
        family: Code of each record's family name.
        walks: How many to take. As many records are looked at, evenly spread: more would say no more.
        seed: Of the dice.
    """
    named = np.flatnonzero((given >= 0) & (family >= 0))
    named = named[:: len(named) // max(walks, 1) + 1]
    if len(named) < 2:
        return None
    given, family = given[named], family[named]
    dice, n = np.random.default_rng(seed), len(named)
    of_given, of_family = _Holders.of(given), _Holders.of(family)
    first = dice.integers(0, n, walks)
    second = of_given.any_beside(first, dice)
    third = of_family.any_beside(second, dice)
    fourth = of_given.any_beside(third, dice)
    strange = (
        (family[second] != family[first]) & (given[third] != given[second]) & (family[fourth] != family[second])
    )  # else it may be one person twice
    back = strange & (family[fourth] == family[first])
    if len(np.unique(given[first[back]].astype(np.int64) << 32 | family[first[back]])) < _LEAST:
        return None
    weight = of_given.count[given][first].astype(np.float64)  # of two that share a given name more have a common one
    return NamesInCommon(of_given.in_common, float(weight[back].sum() / weight[strange].sum()))


@dataclass(frozen=True)
class _Holders:
    """Records by the name they hold: those of name ``code`` are ``order[start[code]:start[code] + count[code]]``."""

    code: Ints
    order: npt.NDArray[np.intp]
    start: Ints
    count: Ints

    @classmethod
    def of(cls, code: Ints) -> Self:
        count = np.bincount(code)
        return cls(code, np.argsort(code, kind="stable"), np.cumsum(count) - count, count)

    @property
    def in_common(self) -> float:
        """Share of all pairs of records that hold one name."""
        held = self.count.astype(np.float64)
        return float((held * (held - 1)).sum() / (held.sum() * (held.sum() - 1)))

    def any_beside(self, records: Ints, dice: np.random.Generator) -> npt.NDArray[np.intp]:
        """For each record any one of those that hold its name."""
        name = self.code[records]
        found: npt.NDArray[np.intp] = self.order[self.start[name] + dice.integers(0, self.count[name])]
        return found
