"""Weighing pairs: level codes to a weight, a band, and the evidence that adds up to it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.matching.comparing import Comparer
from include.matching.ladder import Ladder
from include.matching.spec import ModelSpec
from include.matching.table import Ints, Table, encode
from include.matching.weights import Weights

EDGE_COLUMNS = ("record_a", "record_b", "weight", "probability", "band", "rule", "evidence", "model_version")

Lines = list[tuple[str, str, float]]
"""What speaks for and against a pair: (comparison, level, weight), the prior first."""


@dataclass(frozen=True)
class Judged:
    """Distinct patterns of level codes, judged once each.

    Attributes:
        weight: log2 odds of one person.
        vetoed: Whether a declared contradiction stands in the pattern.
        silent: Whether nothing could be compared that tells people apart (half of all people share a gender).
    """

    weight: npt.NDArray[np.float64]
    vetoed: npt.NDArray[np.bool_]
    silent: npt.NDArray[np.bool_]


class Judge:
    """Trained weights, ready to judge patterns of level codes. All it says of a pair depends on its pattern alone."""

    def __init__(self, spec: ModelSpec, weights: Weights) -> None:
        from include.matching.ecm import AnchoredClassifier

        weights.must_fit(spec)
        self.spec, self.weights = spec, weights
        self.names = list(spec.comparisons)
        self.ladders = {name: Ladder.of(comparison) for name, comparison in spec.comparisons.items()}
        self.telling = [
            i for i, comparison in enumerate(spec.comparisons.values()) if comparison.compare not in ("gender", "country")
        ]
        self.classifier = AnchoredClassifier.of(weights, spec)

    def judge(self, patterns: Ints) -> Judged:
        """Judge distinct patterns."""
        if len(patterns) == 0:
            return Judged(np.zeros(0), np.zeros(0, dtype=bool), np.zeros(0, dtype=bool))
        weight = self.classifier.weigh(pd.DataFrame(patterns, columns=self.names))
        silent = (patterns[:, self.telling] == 0).all(axis=1)
        return Judged(np.round(weight, 4), self._vetoed(patterns), silent)

    def _vetoed(self, patterns: Ints) -> npt.NDArray[np.bool_]:
        vetoed = np.zeros(len(patterns), dtype=bool)
        for veto in self.spec.vetoes:
            if veto.if_reliable and not self.weights.reliable:
                continue
            here = np.ones(len(patterns), dtype=bool)
            for name, levels in veto.when.items():
                here &= self._on(patterns, name, levels)
            for name, levels in veto.unless.items():
                here &= ~self._on(patterns, name, levels)
            vetoed |= here
        return vetoed

    def _on(self, patterns: Ints, name: str, levels: tuple[str, ...]) -> npt.NDArray[np.bool_]:
        ladder, codes = self.ladders[name], patterns[:, self.names.index(name)]
        return np.isin(np.minimum(codes, ladder.top), [ladder.names.index(level) + 1 for level in levels])

    def evidence(self, pattern: Ints) -> Lines:
        """The lines of one pattern; they add up to its weight (to 0.0001, the last line taking the rounding)."""
        prior, chances = self.weights.prior, self.weights.chances
        lines: Lines = [("prior", "any two records", prior["match"] - prior["distinct"])]
        joint = {kind: prior[kind] for kind in ("distinct", "household", "namesake")}
        for name, code in zip(self.names, map(int, pattern), strict=True):
            if code == 0:
                continue
            for kind in joint:
                joint[kind] += chances[name][kind][code]
            ladder, weight = self.ladders[name], chances[name]["match"][code] - chances[name]["distinct"][code]
            if code < ladder.top or self.spec.comparisons[name].frequency is None:
                lines.append((name, ladder.level(code), weight))
            else:
                held, usual = 2 ** ladder.bucket(code), self.weights.usual[name]
                lines.append((name, ladder.level(code), usual))
                lines.append((f"{name} frequency", f"held by {held:,} to {2 * held - 1:,} persons", weight - usual))
        strangers = joint["distinct"]
        for kind in ("household", "namesake"):
            with_kind = np.logaddexp2(strangers, joint[kind])
            lines.append((kind, f"as likely as a {kind}", float(strangers - with_kind)))
            strangers = float(with_kind)
        return [(name, level, round(weight, 4)) for name, level, weight in lines]


class InnerJudge(Judge):
    """Judges two records of one component, as average linkage counts them.

    The prior of all pairs would hold against every pair with little to compare what is true of any two strangers, the more so the
    larger the data; but these two have evidence in common with a third. So strangers are ``strangers_rarer`` here, households and
    namesakes are as likely as ever, and a pair with nothing to compare counts as the declared ``silence``.
    """

    def __init__(self, spec: ModelSpec, weights: Weights) -> None:
        rarer = weights.prior["distinct"] - spec.clustering.strangers_rarer
        super().__init__(spec, replace(weights, prior={**weights.prior, "distinct": rarer}))

    def judge(self, patterns: Ints) -> Judged:
        """Judge distinct patterns."""
        judged = super().judge(patterns)
        return replace(judged, weight=np.where(judged.silent, self.spec.clustering.silence, judged.weight))


def score(snapshot: pd.DataFrame | Table, pairs: pd.DataFrame, spec: ModelSpec, weights: Weights) -> pd.DataFrame:
    """Weigh pairs (positions in ``snapshot``); those in the match and review bands come back as edges.

    ``evidence`` is JSON, ``{comparison: [level, weight]}``, prior and frequencies as lines of their own; it adds up to
    ``weight``. A pair with a declared contradiction never reaches the match band.
    """
    from include.matching.ecm import patterns_of

    table = encode(snapshot, spec)
    judge, compare = Judge(spec, weights), Comparer(table, spec)
    records, rules = table.record_id, np.array([rule.rule for rule in spec.blocking], dtype=object)
    edges = [_no_edges()]
    for part, levels in compare.in_parts(pairs):
        patterns, _, place = patterns_of(levels)
        judged = judge.judge(patterns)
        keep = np.flatnonzero(judged.weight[place] >= spec.thresholds.review)
        here = pairs.iloc[part].iloc[keep]
        edges.append(_edges(records, rules, here, patterns, place[keep], judged, judge))
    found = pd.concat(edges, ignore_index=True) if len(edges) > 1 else edges[0]
    return found.sort_values(["record_a", "record_b"], ignore_index=True)


def _no_edges() -> pd.DataFrame:
    numbers = {"weight", "probability"}
    return pd.DataFrame({name: pd.Series(dtype=float if name in numbers else object) for name in EDGE_COLUMNS})


def _edges(
    records: npt.NDArray[np.object_],
    rules: npt.NDArray[np.object_],
    pairs: pd.DataFrame,
    patterns: Ints,
    place: Ints,
    judged: Judged,
    judge: Judge,
) -> pd.DataFrame:
    left, right = records[pairs["a"].to_numpy()], records[pairs["b"].to_numpy()]
    weight = judged.weight[place]
    used = np.unique(place)
    texts = dict(zip(used.tolist(), _texts(judge, patterns[used]), strict=True))
    match = (weight >= judge.spec.thresholds.match) & ~judged.vetoed[place]
    swap = left > right
    return pd.DataFrame(
        {
            "record_a": np.where(swap, right, left),
            "record_b": np.where(swap, left, right),
            "weight": weight,
            "probability": 1.0 / (1.0 + np.exp2(-weight)),
            "band": np.where(match, "match", "review").astype(object),
            "rule": rules[pairs["rule"].to_numpy()],
            "evidence": np.array([texts[i] for i in place.tolist()], dtype=object),
            "model_version": judge.weights.version,
        },
        columns=list(EDGE_COLUMNS),
    )


def _texts(judge: Judge, patterns: Ints) -> Iterator[str]:
    for pattern in patterns:
        yield json.dumps({name: [level, weight] for name, level, weight in judge.evidence(pattern)})
