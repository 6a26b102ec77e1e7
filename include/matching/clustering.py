"""From weighed pairs to persons, without chaining strangers over one weak edge.

Connected components over the match band say who could be one person; inside a component of three or more every pair is weighed,
and groups are joined by their mean weight, the strongest first, while no contradiction stands between them. Steward decisions
come before all. Average linkage did best of what was tried (+0.07 pairwise F1 over the best connected components of our trial).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from include.matching.comparing import side_by_side
from include.matching.decisions import among_living
from include.matching.spec import Clustering, ModelSpec
from include.matching.spec import load as load_spec
from include.matching.table import SCORED, Ints, Table, encode, scaled
from include.matching.weights import Weights

Number = TypeVar("Number", np.float64, np.bool_)
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Weigh = Callable[[Ints, Ints], tuple[Floats, Bools]]
"""Weights of pairs of ranks, and which of them contradict each other."""


@dataclass(frozen=True)
class Clustered:
    """Who is one person with whom.

    Attributes:
        of_record: Cluster number of each record, from 0 in the order of each cluster's least record id; int64, on the index of
            the records.
        counts: ``oversize_groups``: components larger than the declared largest; ``oversize_records``: their records;
            ``cut_pairs``: matching pairs that were cut to bring them down; ``divided_groups``: components in which not all
            records became one customer; ``contradictions``: pairs in those that a veto or a steward keeps apart;
            ``parted_decisions``: pairs that stewards joined and that are two customers nevertheless.
    """

    of_record: pd.Series
    counts: dict[str, int]

    def summary(self) -> list[str]:
        """Sentences for the log."""
        counts = {name: f"{count:,}" for name, count in self.counts.items()}
        lines = []
        if self.counts["oversize_groups"]:
            lines.append(
                f"{counts['oversize_groups']} groups of matching records were larger than a customer may be "
                f"({counts['oversize_records']} records): {counts['cut_pairs']} matching pairs were cut, the weakest first"
            )
        if self.counts["divided_groups"]:
            lines.append(
                f"{counts['divided_groups']} groups of matching records are more than one customer; "
                f"{counts['contradictions']} pairs in such groups contradict each other"
            )
        if self.counts["parted_decisions"]:
            lines.append(
                f"{counts['parted_decisions']} pairs of records that stewards joined are two customers all the same: together "
                "they would be larger than a customer may be, or another decision stands between them"
            )
        return lines


def cluster(
    records: pd.DataFrame | Table | Sequence[str],
    edges: pd.DataFrame,
    decisions: pd.DataFrame | None = None,
    spec: ModelSpec | None = None,
    weights: Weights | None = None,
) -> pd.Series:
    """Cluster number of each record: ``clustered`` without what it counted."""
    return clustered(records, edges, decisions, spec, weights).of_record


def clustered(
    records: pd.DataFrame | Table | Sequence[str],
    edges: pd.DataFrame,
    decisions: pd.DataFrame | None = None,
    spec: ModelSpec | None = None,
    weights: Weights | None = None,
) -> Clustered:
    """Who is one person with whom, and what was cut and kept apart on the way.

    Args:
        records: The snapshot, or its record ids alone.
        edges: What ``score`` returned.
        decisions: Steward decisions in force (record_a, record_b, decision: ``must_link`` or ``cannot_link``).
        spec: The declared model.
        weights: The trained weights. With them, and the snapshot, the pairs blocking did not bring together are weighed as well,
            and contradictions between them seen; without, such a pair counts as the declared ``unscored``.
    """
    spec = spec or load_spec()
    if isinstance(records, Table):
        ids = pd.Series(records.record_id, dtype=object)
    elif isinstance(records, pd.DataFrame):
        ids = pd.Series(records["record_id"].astype(str))
    else:
        ids = pd.Series(list(records), dtype=object)
    graph = _Graph(ids, edges, decisions, spec.clustering, records if isinstance(records, Table) else None)
    if weights is not None and isinstance(records, pd.DataFrame | Table):
        weigh = _weighing(scaled(encode(records, spec), weights.repeats), graph.order, spec, weights)
    else:
        weigh = graph.weight_of_edges
    return Clustered(
        pd.Series(graph.groups(weigh, spec.pairs_at_once), index=ids.index, dtype="int64", name="cluster"), graph.counts
    )


class _Graph:
    """Records by rank of their id, so that the order of rows never matters."""

    def __init__(
        self, ids: pd.Series, edges: pd.DataFrame, decisions: pd.DataFrame | None, rules: Clustering, table: Table | None
    ) -> None:
        self.rules = rules
        names = ids.to_numpy(dtype=object)
        self.order = table.by_id() if table is not None else np.argsort(names, kind="stable")
        self.names = names[self.order]
        if (self.names[1:] == self.names[:-1]).any():
            raise ValueError("a record id stands twice in the snapshot")
        a, b = self._ends(edges, table)
        known = (a >= 0) & (b >= 0)
        self.a, self.b = np.minimum(a, b)[known], np.maximum(a, b)[known]
        self.weight = edges["weight"].to_numpy(dtype=float)[known]
        self.match = (edges["band"] == "match").to_numpy()[known]
        self.must, self.cannot = self._decided(decisions, "must_link"), self._decided(decisions, "cannot_link")
        counted = "oversize_groups", "oversize_records", "cut_pairs", "divided_groups", "contradictions", "parted_decisions"
        self.counts = dict.fromkeys(counted, 0)

    @cached_property
    def sorted_ids(self) -> Any:
        """The record ids in their order, to look many of them up."""
        return pd.Index(self.names)

    def _ends(self, edges: pd.DataFrame, table: Table | None) -> list[Ints]:
        """Ranks of both ends of each edge; of edges just scored from the table they are known."""
        sides = [edges[side] for side in ("record_a", "record_b")]
        if table is not None and SCORED in table.read:
            of_edges, scored = table.read[SCORED]
            if of_edges() is edges or (len(scored[0]) == len(edges) and all(map(self._are_ranks, scored, sides))):
                return list(scored)
        return [self.sorted_ids.get_indexer(side.astype(str)) for side in sides]

    def _are_ranks(self, ranks: Ints, ids: pd.Series) -> bool:
        return bool((self.names[ranks] == ids.to_numpy()).all())

    def _decided(self, decisions: pd.DataFrame | None, decision: str) -> npt.NDArray[np.int64]:
        """Pairs of ranks under one decision; what was decided of records that are gone holds for those they stood for."""
        if decisions is None or decisions.empty:
            return np.zeros((0, 2), dtype=np.int64)
        decisions = among_living(decisions, self.sorted_ids)
        chosen = decisions[decisions["decision"] == decision]
        pairs = np.column_stack([self.sorted_ids.get_indexer(chosen[side].astype(str)) for side in ("record_a", "record_b")])
        pairs = np.sort(pairs[(pairs >= 0).all(axis=1)], axis=1)
        return pairs[np.lexsort(pairs.T[::-1])].astype(np.int64)

    def groups(self, weigh: Weigh, pairs_at_once: int) -> npt.NDArray[np.int64]:
        """Cluster number of each record, in the order the records came."""
        n = len(self.order)
        labels = components(n, np.r_[self.a[self.match], self.must[:, 0]], np.r_[self.b[self.match], self.must[:, 1]])
        labels = self._cut_down(labels)
        must, cannot = _by_component(self.must, labels), _by_component(self.cannot, labels)
        decided = np.array(sorted({*must, *cannot}), dtype=np.int64)
        fresh = n
        parts = _members(labels, decided, pairs_at_once)
        for members, weight, apart in side_by_side(lambda part: (part, *_weigh_inside(part, weigh)), parts):
            label = labels[members[:, 0]]
            bounded = np.clip(weight, self.rules.floor, self.rules.ceiling)
            whole = ~apart.any(axis=1) & (bounded > self.rules.merge_above).all(axis=1) & ~np.isin(label, decided)
            for at in np.flatnonzero(~whole):
                part, key = members[at], int(label[at])
                inner, forbidden = _squared(weight[at], len(part)), _squared(apart[at], len(part))
                joined, kept_apart = (_within(part, found.get(key, [])) for found in (must, cannot))
                groups = average_linkage(inner, forbidden, joined, kept_apart, self.rules)
                labels[part] = fresh + groups
                fresh += len(part)
                self.counts["divided_groups"] += int(groups.max() > 0)
                self.counts["contradictions"] += int(apart[at].sum()) + len(kept_apart)
        self.counts["parted_decisions"] = int((labels[self.must[:, 0]] != labels[self.must[:, 1]]).sum())
        groups = np.empty(n, dtype=np.int64)
        groups[self.order] = _numbered(labels)  # ranks ascend, so clusters are numbered by their least id
        return groups

    def _cut_down(self, labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Break components that are too large: their edges are taken strongest first, and none that would make one too large."""
        sizes = np.bincount(labels) if len(labels) else np.zeros(0, dtype=np.int64)
        large = np.flatnonzero(sizes > self.rules.largest)
        if not len(large):
            return labels
        inside = np.flatnonzero(self.match & np.isin(labels[self.a], large))
        strongest = inside[np.lexsort((self.b[inside], self.a[inside], -self.weight[inside]))]
        parent = {int(rank): int(rank) for rank in np.flatnonzero(np.isin(labels, large))}
        size = dict.fromkeys(parent, 1)

        def root(rank: int) -> int:
            while parent[rank] != rank:
                parent[rank] = parent[parent[rank]]
                rank = parent[rank]
            return rank

        musts = [(x, y) for x, y in self.must.tolist() if x in parent]
        for x, y in [*musts, *zip(self.a[strongest].tolist(), self.b[strongest].tolist(), strict=True)]:
            p, q = root(x), root(y)
            if p != q and (size[p] + size[q] <= self.rules.largest):
                parent[q], size[p] = p, size[p] + size[q]
        labels = labels.copy()
        for rank in parent:
            labels[rank] = len(sizes) + root(rank)
        cut = int((labels[self.a[inside]] != labels[self.b[inside]]).sum())
        self.counts.update(oversize_groups=len(large), oversize_records=int(sizes[large].sum()), cut_pairs=cut)
        return _numbered(labels)

    def weight_of_edges(self, a: Ints, b: Ints) -> tuple[Floats, Bools]:
        """Weights from the edges alone: ``unscored`` where there is none."""
        keys, weights = self._sorted_edges
        wanted = a.astype(np.int64) * len(self.order) + b
        place = np.searchsorted(keys[:-1], wanted)
        return np.where(keys[place] == wanted, weights[place], self.rules.unscored), np.zeros(len(a), dtype=bool)

    @cached_property
    def _sorted_edges(self) -> tuple[npt.NDArray[np.int64], Floats]:
        """Edges as ascending numbers beside their weights, and one that is none behind them."""
        keys = self.a.astype(np.int64) * len(self.order) + self.b
        order = np.argsort(keys, kind="stable")
        return np.append(keys[order], -1), np.append(self.weight[order], 0.0)


def components(n: int, a: Ints, b: Ints) -> npt.NDArray[np.int64]:
    """Connected components of ``n`` nodes under undirected edges."""
    graph = coo_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(n, n))
    return connected_components(graph, directed=False)[1].astype(np.int64) if n else np.zeros(0, dtype=np.int64)


def _numbered(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Labels as numbers from 0, in order of first appearance."""
    place = np.arange(len(labels))
    first = np.empty(int(labels.max(initial=-1)) + 1, dtype=np.int64)
    first[labels[::-1]] = place[::-1]
    begin = first[labels]
    return np.asarray((np.cumsum(begin == place) - 1)[begin])


def _by_component(pairs: Ints, labels: Ints) -> dict[int, list[list[int]]]:
    """Pairs of ranks by the component both are in."""
    found = defaultdict(list)
    for pair in pairs[labels[pairs[:, 0]] == labels[pairs[:, 1]]].tolist():
        found[int(labels[pair[0]])].append(pair)
    return dict(found)


def _within(part: Ints, pairs: list[list[int]]) -> list[tuple[int, int]]:
    """Pairs of ranks as places in a component."""
    return [(int(i), int(j)) for i, j in np.searchsorted(part, np.array(pairs, dtype=np.int64).reshape(-1, 2))]


def _members(labels: Ints, decided: Ints, pairs_at_once: int) -> Iterator[npt.NDArray[np.int64]]:
    """Components to look into, those of one size together: a row of ascending ranks each, as many as memory is bounded to.

    Two records that match are one person without a further look, unless a steward spoke of them.
    """
    size_of = np.bincount(labels)
    wanted = size_of > 2
    wanted[decided] = size_of[decided] > 1
    rank = np.flatnonzero(wanted[labels])  # most records are alone or two
    order = np.sort(labels[rank] << 32 | rank) & 0xFFFFFFFF  # by component; numbers sort faster than places
    starts = np.flatnonzero(np.r_[True, np.diff(labels[order]) != 0][: len(order)])
    sizes = np.diff(np.r_[starts, len(order)])
    for size in np.unique(sizes):
        begin = starts[sizes == size]
        rows = max(pairs_at_once // (size * (size - 1) // 2), 1)
        for first in range(0, len(begin), rows):
            yield order[begin[first : first + rows, None] + np.arange(size)]


def _weigh_inside(members: Ints, weigh: Weigh) -> tuple[Floats, Bools]:
    """Weights of every pair inside each component, a row a component, and which contradict each other."""
    i, j = _upper(members.shape[1])
    weight, apart = weigh(members[:, i].ravel(), members[:, j].ravel())
    return weight.reshape(len(members), -1), apart.reshape(len(members), -1)


def _squared(pairs: npt.NDArray[Number], size: int) -> npt.NDArray[Number]:
    """A row of pairs as a symmetric matrix."""
    matrix = np.zeros((size, size), dtype=pairs.dtype)
    matrix[_upper(size)] = pairs
    return matrix + matrix.T


@lru_cache(maxsize=4)
def _upper(size: int) -> tuple[Ints, Ints]:
    """The places of every pair among so many; components come by size, so that the last is asked for again and again."""
    return np.triu_indices(size, 1)


def _weighing(table: Table, order: Ints, spec: ModelSpec, weights: Weights) -> Weigh:
    """Weights by the model, for any pair of ranks."""
    from include.matching.comparing import Comparer
    from include.matching.ecm import patterns_of
    from include.matching.scoring import InnerJudge

    judge, compare = InnerJudge(spec, weights), Comparer(table, spec)

    def weigh(a: Ints, b: Ints) -> tuple[Floats, Bools]:
        patterns, _, place = patterns_of(compare.levels(order[a], order[b]))
        judged = judge.judge(patterns)
        return judged.weight[place], judged.vetoed[place]

    return weigh


def average_linkage(
    inner: Floats, apart: Bools, must: list[tuple[int, int]], cannot: list[tuple[int, int]], rules: Clustering
) -> npt.NDArray[np.int64]:
    """Group labels of one component's members: join the two groups of highest mean weight while it is above ``merge_above``.

    A contradiction between two members stands between their groups for good. ``must`` pairs are joined first, in spite of
    contradictions but never across a ``cannot``.
    """
    size = len(inner)
    total = np.clip(inner, rules.floor, rules.ceiling).astype(float)
    forbidden = apart.copy()
    if not (must or cannot or forbidden.any()) and (total + np.eye(size) * rules.ceiling * 2 > rules.merge_above).all():
        return np.zeros(size, dtype=np.int64)
    never = np.zeros_like(forbidden)
    for i, j in cannot:
        never[i, j] = never[j, i] = True
    forbidden |= never
    np.fill_diagonal(forbidden, True)
    counts, labels = np.ones(size), np.arange(size, dtype=np.int64)

    def join(i: int, j: int) -> None:
        total[i] += total[j]
        total[:, i] = total[i]
        for table in (forbidden, never):
            table[i] |= table[j]
            table[:, i] = table[i]
        counts[i] += counts[j]
        forbidden[j] = forbidden[:, j] = True  # it is part of the other now
        labels[labels == labels[j]] = labels[i]

    for x, y in must:
        i, j = sorted((int(labels[x]), int(labels[y])))
        if i != j and not never[i, j]:
            join(i, j)
    while True:
        mean = np.round(total / np.outer(counts, counts), 6)
        mean[forbidden] = -np.inf
        i, j = sorted(divmod(int(mean.argmax()), size))
        if mean[i, j] <= rules.merge_above:
            return labels
        join(i, j)
