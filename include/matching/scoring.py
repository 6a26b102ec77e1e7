"""Weighing pairs: level codes to a weight, a band, and the evidence that adds up to it."""

import json
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from include.matching.comparing import Comparer
from include.matching.ladder import Ladder
from include.matching.spec import ModelSpec
from include.matching.table import SCORED, Ints, Table, encode, scaled
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
        compared = [line for name, code in zip(self.names, map(int, pattern), strict=True) for line in self._lines(name, code)]
        beyond = [
            (kind, f"as likely as a {kind}", float(line[0])) for kind, line in self.explained_by(np.asarray(pattern)[None, :])
        ]
        return [(name, level, round(weight, 4)) for name, level, weight in [self.prior_line(), *compared, *beyond]]

    def prior_line(self) -> tuple[str, str, float]:
        """What holds before anything is compared."""
        return "prior", "any two records", self.weights.prior["match"] - self.weights.prior["distinct"]

    def lines_of(self, name: str) -> list[str]:
        """The lines of a comparison by level code, written."""
        return [_written(self._lines(name, code)) for code in range(self.ladders[name].size)]

    def _lines(self, name: str, code: int) -> Lines:
        if code == 0:
            return []
        chances, ladder = self.weights.chances[name], self.ladders[name]
        weight = chances["match"][code] - chances["distinct"][code]
        if code < ladder.top or self.spec.comparisons[name].frequency is None:
            return [(name, ladder.level(code), weight)]
        held, usual = 2 ** ladder.bucket(code), self.weights.usual[name]
        return [
            (name, ladder.level(code), usual),
            (f"{name} frequency", f"held by {held:,} to {2 * held - 1:,} persons", weight - usual),
        ]

    def explained_by(self, patterns: Ints) -> list[tuple[str, npt.NDArray[np.float64]]]:
        """What a household and a namesake explain of each pattern as well, and is taken off."""
        prior, chances = self.weights.prior, self.weights.chances
        joint = {kind: np.full(len(patterns), prior[kind]) for kind in ("distinct", "household", "namesake")}
        for column, name in enumerate(self.names):
            for kind in joint if patterns[:, column].any() else ():  # null says nothing in any class
                joint[kind] += np.asarray(chances[name][kind])[patterns[:, column]]
        strangers, lines = joint["distinct"], []
        for kind in ("household", "namesake"):
            with_kind = np.logaddexp2(strangers, joint[kind])
            lines.append((kind, strangers - with_kind))
            strangers = with_kind
        return lines


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
    from include.matching.outlook import Outlook

    table = scaled(encode(snapshot, spec), weights.repeats)
    judge, compare, outlook = Judge(spec, weights), Comparer(table, spec), Outlook(table, spec, weights)
    kept, seen, places, known = [], [], [], 0
    for part, levels in compare.in_parts(pairs, outlook.promising):
        patterns, _, place = patterns_of(levels)
        heavy = judge.judge(patterns).weight >= spec.thresholds.review
        keep = np.flatnonzero(heavy[place])
        kept.append(part[keep])
        places.append((np.cumsum(heavy) - 1 + known)[place[keep]])
        seen.append(patterns[heavy])
        known += len(seen[-1])
    if not kept:
        return _no_edges()
    patterns, _, place = patterns_of(np.concatenate(seen))  # parts have patterns in common
    return _edges(table, pairs.iloc[np.concatenate(kept)], patterns, place[np.concatenate(places)], judge)


def _no_edges() -> pd.DataFrame:
    numbers = {"weight", "probability"}
    return pd.DataFrame({name: pd.Series(dtype=float if name in numbers else object) for name in EDGE_COLUMNS})


def _edges(table: Table, pairs: pd.DataFrame, patterns: Ints, place: Ints, judge: Judge) -> pd.DataFrame:
    """Pairs as edges, in the order of their record ids; ``place`` of each one's pattern."""
    with ThreadPoolExecutor(1) as beside:
        texts = beside.submit(_texts, judge, patterns)
        rank, by_id, judged = table.ranks(), table.by_id(), judge.judge(patterns)
        a, b = pairs["a"].to_numpy(), pairs["b"].to_numpy()
        low, high = np.minimum(rank[a], rank[b]), np.maximum(rank[a], rank[b])
        order = np.argsort(low.astype(np.int64) * len(table) + high)
        low, high, place, rule = low[order], high[order], place[order], pairs["rule"].to_numpy()[order]
        weight = judged.weight[place]
        match = (weight >= judge.spec.thresholds.match) & ~judged.vetoed[place]
        rules = np.array([rule.rule for rule in judge.spec.blocking], dtype=object)
        edges = pd.DataFrame(
            {
                "record_a": table.record_id[by_id[low]],
                "record_b": table.record_id[by_id[high]],
                "weight": weight,
                "probability": 1.0 / (1.0 + np.exp2(-weight)),
                "band": np.array(["review", "match"], dtype=object)[match.astype(np.intp)],
                "rule": rules[rule],
                "evidence": texts.result()[place],
                "model_version": judge.weights.version,
            },
            columns=list(EDGE_COLUMNS),
            copy=False,  # else columns of one type are copied side by side
        )
    table.read[SCORED] = weakref.ref(edges), [low, high]
    return edges


def _texts(judge: Judge, patterns: Ints) -> npt.NDArray[np.object_]:
    """The evidence of each pattern as JSON: what ``Judge.evidence`` says, for many patterns at once."""
    said = [pa.array([text or None for text in judge.lines_of(name)], pa.string()) for name in judge.names]
    lines = [texts.take(pa.array(codes)) for texts, codes in zip(said, patterns.T, strict=True)]
    beyond = [_written_all(kind, weights) for kind, weights in judge.explained_by(patterns)]
    inside = pc.binary_join_element_wise(_written([judge.prior_line()]), *lines, *beyond, ", ", null_handling="skip")
    return np.asarray(pc.binary_join_element_wise("{", inside, "}", "").to_numpy(zero_copy_only=False), dtype=object)


def _written(lines: Lines) -> str:
    """Lines as the inside of a JSON object."""
    return json.dumps({name: [level, round(weight, 4)] for name, level, weight in lines})[1:-1]


def _written_all(kind: str, weights: npt.NDArray[np.float64]) -> pa.StringArray:
    """One line for each weight; each different one is written once."""
    rounded = np.round(weights, 4)
    near = np.flatnonzero(np.abs(weights * 10_000 % 1 - 0.5) < 1e-6)  # Python looks at the decimals, numpy at ten thousand times
    rounded[near] = [round(weight, 4) for weight in weights[near].tolist()]
    found, place = np.unique(rounded.view(np.int64), return_inverse=True)  # by their bits, for -0.0 is no 0.0
    texts = [f'"{kind}": ["as likely as a {kind}", {weight!r}]' for weight in found.view(np.float64).tolist()]
    return pa.array(texts, pa.string()).take(pa.array(place))
