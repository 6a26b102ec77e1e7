"""What another match model would change, before anybody lets it: bands of pairs, weights of levels, labels it gets right.

Both models have weighed the same pairs of the same records by the same declaration, so what differs is the models' doing alone.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from include.matching.blocking import PairSet
from include.matching.weights import Weights

_SAME = 0.005
"""A weight that moves by less than this (log2) did not move: it is written with two decimals."""


def band_changes(in_force: pd.DataFrame, candidate: pd.DataFrame) -> pd.DataFrame:
    """How many pairs would leave one band for another: ``rule, now, then, pairs``, most pairs first.

    Args:
        in_force: Edges by the model in force, as ``score`` returns them.
        candidate: Edges by the other one. A pair that is no edge is distinct.
    """
    pair = ["record_a", "record_b"]
    both = in_force[[*pair, "band", "rule"]].merge(
        candidate[[*pair, "band", "rule"]], on=pair, how="outer", suffixes=("_now", "_then")
    )
    moved = pd.DataFrame({
        "rule": both["rule_then"].fillna(both["rule_now"]),
        "now": both["band_now"].fillna("distinct"),
        "then": both["band_then"].fillna("distinct"),
    })  # fmt: skip
    counted = moved[moved["now"] != moved["then"]].value_counts().rename("pairs").reset_index()
    return counted.sort_values(["pairs", "rule", "now", "then"], ascending=[False, True, True, True], ignore_index=True)


@dataclass(frozen=True)
class Moved:
    """What one level weighs in either model, log2; None where a model does not know it."""

    comparison: str
    level: str
    now: float | None
    then: float | None

    @property
    def by(self) -> float:
        """How far it moves."""
        return abs((self.then or 0.0) - (self.now or 0.0))


def moved_weights(in_force: Weights, candidate: Weights) -> list[Moved]:
    """Levels whose weight (of one person against two strangers) differs, the one that moves most first.

    The top level counts as on a value of usual frequency; the prior stands as the level of no comparison.
    """
    now, then = _weights_of(in_force), _weights_of(candidate)
    moved = [Moved(*level, now.get(level), then.get(level)) for level in {**now, **then}]
    return sorted((one for one in moved if one.by >= _SAME), key=lambda one: (-round(one.by, 4), one.comparison, one.level))


def _weights_of(weights: Weights) -> dict[tuple[str, str], float]:
    found = {("prior", "any two records"): weights.prior["match"] - weights.prior["distinct"]}
    for name, levels in weights.levels.items():
        chances = weights.chances[name]
        for code, level in enumerate(levels, start=1):
            usual = weights.usual[name] if code == len(levels) else chances["match"][code] - chances["distinct"][code]
            found[name, level] = usual
    return found


@dataclass(frozen=True)
class Labels:
    """Pairs that stewards decided, by what a model alone makes of them: band, or ``never compared``.

    They are pairs somebody had to look at, so a share of them is no share of all pairs.
    """

    must_link: Mapping[str, int]
    cannot_link: Mapping[str, int]

    @property
    def decided(self) -> int:
        """Pairs with a label, both of whose records live."""
        return sum(self.must_link.values()) + sum(self.cannot_link.values())

    @property
    def right(self) -> int:
        """Those the model decides as the steward did: match for one person, anything else for two."""
        return self.must_link.get("match", 0) + sum(n for band, n in self.cannot_link.items() if band != "match")

    def to_json(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "must_link": dict(self.must_link),
            "cannot_link": dict(self.cannot_link),
            "decided": self.decided,
            "right": self.right,
        }


def judged_labels(records: pd.Series, decisions: pd.DataFrame, pairs: PairSet, edges: pd.DataFrame) -> Labels:
    """Hold a model's edges against what stewards decided.

    Args:
        records: Record id of each row of the snapshot.
        decisions: Decisions in force: ``record_a, record_b, decision``. One on a record that is gone is passed over.
        pairs: Pairs that were compared.
        edges: What the model made of them.
    """
    place = pd.Index(records.astype(str))
    decided = decisions[decisions["record_a"].isin(place) & decisions["record_b"].isin(place)]
    compared = pairs.holds(*(place.get_indexer(pd.Index(decided[side], dtype=object)) for side in ("record_a", "record_b")))
    ends = {*decided["record_a"], *decided["record_b"]}
    near = edges[edges["record_a"].isin(ends) & edges["record_b"].isin(ends)]
    band_of = dict(zip(zip(near["record_a"], near["record_b"], strict=True), near["band"], strict=True))
    said: dict[str, Counter[str]] = {"must_link": Counter(), "cannot_link": Counter()}
    for one, other, decision, seen in zip(decided["record_a"], decided["record_b"], decided["decision"], compared, strict=True):
        edge = (min(one, other), max(one, other))
        said[decision][band_of.get(edge, "distinct") if seen else "never compared"] += 1
    return Labels(**said)


def band_sentences(compared: int, changes: pd.DataFrame, rules: int = 5) -> list[str]:
    """What would become of pairs, the rules that most of it concerns by name."""
    gained, lost = _of_match(changes, "then"), _of_match(changes, "now")
    more, fewer = gained["pairs"].sum(), lost["pairs"].sum()
    said = f"Of {compared:,} pairs compared, {more:,} would match that do not now, and {fewer:,} would no longer match."
    both = pd.DataFrame({"more": gained.groupby("rule")["pairs"].sum(), "fewer": lost.groupby("rule")["pairs"].sum()})
    both = both.fillna(0).astype("int64")
    most = both.loc[both.sum(axis=1).sort_values(ascending=False, kind="stable").index[:rules]]
    return [said, *(f"Found by {rule}: {row['more']:,} more match, {row['fewer']:,} fewer." for rule, row in most.iterrows())]


def _of_match(changes: pd.DataFrame, side: str) -> pd.DataFrame:
    return changes[changes[side] == "match"]


def reliability_sentences(in_force: Weights, candidate: Weights) -> list[str]:
    """Whether two birth dates would begin or cease to be a contradiction."""
    if in_force.reliable == candidate.reliable:
        return []
    if candidate.reliable:
        return ["Birth dates would be relied on: two that differ would keep their records apart, which they do not now."]
    return ["Birth dates would no longer be relied on: two that differ keep their records apart now, and would not."]


def weight_sentences(moved: list[Moved], at_most: int = 5) -> list[str]:
    """Which levels would weigh otherwise."""
    if not moved:
        return ["No level would weigh otherwise."]
    named = [f"{one.comparison} {one.level} {_signed(one.now)} to {_signed(one.then)}" for one in moved[:at_most]]
    rest = len(moved) - len(named)
    return [f"What moves most: {'; '.join(named)}" + (f"; and {rest} more." if rest else ".")]


def _signed(weight: float | None) -> str:
    return "(not known)" if weight is None else f"{weight:+.2f}"


def label_sentences(now: Labels, then: Labels) -> list[str]:
    """How often each model says what a steward said."""
    if not now.decided:
        return ["No steward has decided a pair of these records yet, so there is nothing to hold either model against."]
    decided = f"Of {now.decided:,} pairs that stewards decided"
    return [f"{decided}, the model in force alone is right on {now.right:,}, the candidate on {then.right:,}."]
