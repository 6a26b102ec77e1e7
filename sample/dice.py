"""Chance that stays put: every person and record draws from a stream of its own, and what was drawn is counted.

A stream is keyed by (seed, words), through a hash that no environment variable changes, so that the same seed gives the same
world everywhere and a change of one rate does not reshuffle the people it does not concern.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

from sample.rates import Mess

Item = TypeVar("Item")


def stream(*words: object) -> Random:
    """A random stream that only its words decide."""
    key = "\x1f".join(map(str, words)).encode()
    return Random(int.from_bytes(blake2b(key, digest_size=8).digest(), "big"))


def repeats(rng: Random, again: float, most: int = 8) -> int:
    """How often something happens again, each time with the chance ``again``."""
    count = 0
    while count < most and rng.random() < again:
        count += 1
    return count


def about(rng: Random, mean: float, most: int = 60) -> int:
    """A count with the given mean and a long tail (geometric), as purchases have."""
    return repeats(rng, mean / (1 + mean), most)


class Urn(Generic[Item]):
    """Items with weights, drawn with replacement."""

    def __init__(self, weighted: Iterable[tuple[Item, float]]) -> None:
        pairs = list(weighted)
        self.items: Sequence[Item] = [item for item, _ in pairs]
        self._cumulative = list(accumulate(weight for _, weight in pairs))

    def draw(self, rng: Random) -> Item:
        """One item."""
        return rng.choices(self.items, cum_weights=self._cumulative)[0]


class Tally:
    """How often each declared mess could have happened and did, for the proof that the rates are met."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], list[int]] = {}

    def count(self, kind: str, channel: str, hit: bool) -> None:
        """Note one chance."""
        cell = self.counts.setdefault((kind, channel), [0, 0])
        cell[0] += hit
        cell[1] += 1


class Dice:
    """One record's chances in one channel."""

    def __init__(self, rng: Random, channel: str, mess: dict[str, float], tally: Tally) -> None:
        self.rng, self.channel, self._mess, self._tally = rng, channel, mess, tally

    def hit(self, kind: str) -> bool:
        """Whether this mess happens here; a kind that rates.yml does not declare is a KeyError."""
        happens = self.rng.random() < self._mess[kind]
        self._tally.count(kind, self.channel, happens)
        return happens

    def chance(self, share: float) -> bool:
        """Whether something of the given share happens, uncounted."""
        return self.rng.random() < share


def by_channel(mess: Mess, channel: str) -> dict[str, float]:
    """The rates of one channel, kind by kind."""
    return {kind: float(getattr(getattr(mess, kind), channel)) for kind in Mess.model_fields}
