"""Who is one person with whom, where something changed: clustering, for the components a change reaches and no others."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import chain

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.matching.change import Change, Read
from include.matching.clustering import Clustered, clustered, components
from include.matching.frequencies import Frequencies
from include.matching.rescoring import ends
from include.matching.spec import ModelSpec
from include.matching.table import encode
from include.matching.weights import Weights

EdgesOf = Callable[[pd.Index], pd.DataFrame]
"""The earlier edges with an end among some records, in the columns of ``include.matching.scoring.EDGE_COLUMNS``."""

MembersOf = Callable[[pd.Index], pd.DataFrame]
"""``record_id, customer_id`` of some records as they were grouped before."""

_ENDS = ["record_a", "record_b"]


@dataclass(frozen=True)
class Earlier:
    """What stood before the change, read as far as it is asked for.

    Attributes:
        edges_of: Its edges; asked for some records again and again, so ``Once`` is what to give.
        members_of: Its customers.
        decisions: The steward decisions it was grouped by.
    """

    edges_of: EdgesOf
    members_of: MembersOf
    decisions: pd.DataFrame


@dataclass(frozen=True)
class Regrouped:
    """The part of the partition that a change touched; all else stands as it was.

    Attributes:
        records: The live records of it, as they were read.
        clusters: ``record_id, cluster`` of those.
        edges: Every edge there is now with an end among ``touched``.
        touched: Every record, live or gone, of a component that changed, as it was before and as it is now.
        doubted: ``record_a``, ``record_b`` of pairs that wait for a steward now and did not before, or the other way.
        clustered: What clustering counted, over the components that were looked into.
        counts: What it took, for the log.
    """

    records: pd.DataFrame
    clusters: pd.DataFrame
    edges: pd.DataFrame
    touched: pd.Index
    doubted: pd.DataFrame
    clustered: Clustered
    counts: dict[str, int] = field(default_factory=dict)


def regroup(
    change: Change,
    scored: pd.DataFrame,
    earlier: Earlier,
    decisions: pd.DataFrame,
    read: Read,
    frequencies: Frequencies,
    spec: ModelSpec,
    weights: Weights,
) -> Regrouped:
    """Group anew what the change reaches.

    Args:
        change: What blocking found.
        scored: The edges among its pairs.
        earlier: What stood before.
        decisions: Steward decisions in force now.
        read: Reads records.
        frequencies: How common values are now.
        spec: The declared model.
        weights: The match model, the one that scored all earlier edges.
    """
    asked = change.anew.union(change.beside, sort=False)
    near = earlier.edges_of(asked)
    replaced = near[change.replaces(near)]
    moved = changed_edges(replaced, scored)
    joining = ends(moved[moved["joins"]])
    told = _decided_otherwise(earlier.decisions, decisions)
    start = asked.union(joining, sort=False).union(told, sort=False)
    links = [_match(scored), _must(decisions), _must(earlier.decisions)]
    reached, stored = _reach(start, pd.concat(links, ignore_index=True), earlier.edges_of)
    component = _components(reached, pd.concat([*links, _match(stored)], ignore_index=True))
    differs = np.asarray(reached.isin(change.changed.union(joining, sort=False).union(told, sort=False)))
    differs |= _left_over(component, differs, reached, moved)
    doubtful = _may_differ(component, differs, reached, change, [decisions, earlier.decisions])
    reached, component, differs = reached[doubtful], component[doubtful], differs[doubtful]
    rows = read(reached)
    live = pd.Index(rows["record_id"].astype(object))
    edges = pd.concat([stored[~change.replaces(stored)], scored], ignore_index=True)
    inside = edges[edges["record_a"].isin(live) & edges["record_b"].isin(live)].reset_index(drop=True)
    found = clustered(encode(rows, spec, frequencies), inside, decisions, spec, weights)
    clusters = pd.DataFrame({"record_id": live, "cluster": found.of_record.to_numpy()})
    members = earlier.members_of(reached)
    otherwise = _grouped_otherwise(clusters, members)
    differs |= np.asarray(reached.isin(otherwise))
    touched = reached[np.isin(component, component[differs])]
    kept = np.asarray(live.isin(touched))
    at = edges["record_a"].isin(touched) | edges["record_b"].isin(touched)
    return Regrouped(
        records=rows[kept].reset_index(drop=True),
        clusters=clusters[kept].reset_index(drop=True),
        edges=edges[at].sort_values(_ENDS, ignore_index=True),
        touched=touched.sort_values(),
        doubted=_doubted_otherwise(replaced, scored),
        clustered=found,
        counts={
            "edges_changed": len(ends(moved)),
            "components": len(np.unique(component)),
            "components_touched": len(np.unique(component[differs])),
            "records_regrouped": len(rows),
            "touched": len(touched),
        },
    )


class Once:
    """Edges of records, read once however often a record is asked for; what was read before costs next to nothing.

    Args:
        edges_of: Reads them.
    """

    def __init__(self, edges_of: EdgesOf) -> None:
        self._edges_of = edges_of
        self._number: dict[str, int] = {}
        self._asked: npt.NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self._read = [edges_of(pd.Index([], dtype=object))]
        self._ends = [np.zeros((0, 2), dtype=np.int64)]

    def __call__(self, records: pd.Index) -> pd.DataFrame:
        """The earlier edges with an end among some records."""
        wanted = self._numbers(records)
        fresh = ~self._asked[wanted]
        if fresh.any():
            more = self._edges_of(records[fresh])
            ends_of = np.column_stack([self._numbers(more[side]) for side in _ENDS])
            new = np.flatnonzero(~self._asked[ends_of].any(axis=1))  # the others were read when their other end was asked for
            self._read.append(more.iloc[new])
            self._ends.append(ends_of[new])
            self._asked[wanted] = True
        at = np.zeros(len(self._number), dtype=bool)
        at[wanted] = True
        found = [(frame, np.flatnonzero(at[ends_of].any(axis=1))) for frame, ends_of in zip(self._read, self._ends, strict=True)]
        parts = [frame.iloc[chosen] for frame, chosen in found if len(chosen)] or self._read[:1]
        return pd.concat(parts, ignore_index=True)

    def _numbers(self, records: Iterable[str]) -> npt.NDArray[np.int64]:
        """A number for each record, the same whenever it is met."""
        numbers = np.array([self._number.setdefault(record, len(self._number)) for record in records], dtype=np.int64)
        if len(self._number) > len(self._asked):
            self._asked = np.append(self._asked, np.zeros(len(self._number), dtype=bool))
        return numbers


def changed_edges(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """``record_a``, ``record_b`` of edges that came, went or weigh otherwise, and whether one ``joins``: it matches, or did."""
    both = before.merge(after, on=_ENDS, how="outer", suffixes=("", "_now"), indicator=True)
    same = (both["_merge"] == "both").to_numpy()
    for name in ("weight", "band", "rule", "model_version"):
        same &= (both[name] == both[f"{name}_now"]).to_numpy()
    said, say = (both[name].to_numpy(dtype=object) for name in ("evidence", "evidence_now"))
    read = cache(json.loads)  # of many pairs the same is said
    for place in np.flatnonzero(same):
        same[place] = said[place] == say[place] or read(said[place]) == read(say[place])
    matches = (both["band"] == "match") | (both["band_now"] == "match")
    return both[_ENDS].assign(joins=matches)[~same].reset_index(drop=True)


def _doubted_otherwise(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The pairs that only one of the two leaves to a steward."""
    waiting = [edges.loc[edges["band"] == "review", _ENDS].astype(object) for edges in (before, after)]
    return pd.concat(waiting).drop_duplicates(keep=False, ignore_index=True)


def _match(edges: pd.DataFrame) -> pd.DataFrame:
    return edges.loc[edges["band"] == "match", _ENDS].astype(object)


def _must(decisions: pd.DataFrame) -> pd.DataFrame:
    return decisions.loc[decisions["decision"] == "must_link", _ENDS].astype(object)


def _decided_otherwise(before: pd.DataFrame, after: pd.DataFrame) -> pd.Index:
    """Records of pairs of which stewards say something else than before."""
    columns = [*_ENDS, "decision"]
    told = pd.concat([before[columns], after[columns]]).drop_duplicates(keep=False)
    return ends(told)


def _reach(start: pd.Index, links: pd.DataFrame, edges_of: EdgesOf) -> tuple[pd.Index, pd.DataFrame]:
    """All records that links or earlier match edges connect with the first ones, and the earlier edges of all of them."""
    linked: defaultdict[str, list[str]] = defaultdict(list)
    for a, b in zip(links["record_a"], links["record_b"], strict=True):
        linked[a].append(b)
        linked[b].append(a)
    reached, fresh = dict.fromkeys(start), list(start)
    while fresh:
        further = [
            *ends(_match(edges_of(pd.Index(fresh, dtype=object)))),
            *chain.from_iterable(linked.get(one, ()) for one in fresh),
        ]
        fresh = list(dict.fromkeys(one for one in further if one not in reached))
        reached.update(dict.fromkeys(fresh))
    found = pd.Index(reached, dtype=object)
    return found, edges_of(found)


def _left_over(
    component: npt.NDArray[np.int64], differs: npt.NDArray[np.bool_], reached: pd.Index, moved: pd.DataFrame
) -> npt.NDArray[np.bool_]:
    """Who answers for an edge that is no match and changed: groups do not hang on it, but one end's must be told of.

    Mostly it is that of a record that changed, and who only waits for a steward with it stays as they were.
    """
    told = np.zeros(component.max(initial=-1) + 2, dtype=bool)  # the last: not reached
    told[component[differs]] = True
    places = [reached.get_indexer(pd.Index(moved.loc[~moved["joins"], side], dtype=object)) for side in _ENDS]
    groups = [np.where(place < 0, len(told) - 1, component[place]) for place in places]
    left = ~(told[groups[0]] | told[groups[1]])
    found = np.zeros(len(reached), dtype=bool)
    found[np.where(places[0] < 0, places[1], places[0])[left]] = True
    return found


def _may_differ(
    component: npt.NDArray[np.int64],
    differs: npt.NDArray[np.bool_],
    reached: pd.Index,
    change: Change,
    decided: list[pd.DataFrame],
) -> npt.NDArray[np.bool_]:
    """Who is of a component that may come out otherwise than it did.

    Where nothing of it differs, and no match came, went or weighs otherwise, only what pairs inside weigh that are no matches can
    be other than before. That is asked of three and more, or where a steward spoke, and takes two records that hold what became
    more or less common: one that is weighed anew with everybody, or two of those that are with one another.
    """
    size, spoken = np.bincount(component), np.asarray(reached.isin(ends(pd.concat([frame[_ENDS] for frame in decided]))))
    anew, beside = (np.asarray(reached.isin(some)) for some in (change.anew, change.beside))
    weighed = 2 * np.bincount(component[anew], minlength=len(size)) + np.bincount(component[beside], minlength=len(size))
    inside = (size > 2) | (np.bincount(component[spoken], minlength=len(size)) > 0)
    found = (inside & (weighed > 1)) | (np.bincount(component[differs], minlength=len(size)) > 0)
    return np.asarray(found[component])


def _components(records: pd.Index, links: pd.DataFrame) -> npt.NDArray[np.int64]:
    a, b = (records.get_indexer(pd.Index(links[side])) for side in _ENDS)
    known = (a >= 0) & (b >= 0)
    return components(len(records), a[known], b[known])


def _grouped_otherwise(clusters: pd.DataFrame, members: pd.DataFrame) -> pd.Index:
    """Records of a group now, or a customer before, that are not one and the same."""
    both = clusters.merge(members[["record_id", "customer_id"]], on="record_id", how="outer")
    here, there = both["cluster"].isna(), both["customer_id"].isna()
    pairs = both.dropna()[["cluster", "customer_id"]].drop_duplicates()
    clusters_apart = pairs.loc[pairs["cluster"].duplicated(keep=False), "cluster"]
    customers_apart = pairs.loc[pairs["customer_id"].duplicated(keep=False), "customer_id"]
    odd = here | there | both["cluster"].isin(clusters_apart) | both["customer_id"].isin(customers_apart)
    found: npt.NDArray[np.object_] = both["record_id"].to_numpy(dtype=object)[odd.to_numpy()]
    return pd.Index(found)
