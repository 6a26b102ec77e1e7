"""Who is one person with whom, where something changed: clustering, for the components a change reaches and no others."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
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
        doubted: Records at the ends of pairs that wait for a steward now and did not before, or the other way.
        clustered: What clustering counted, over the components that were looked into.
        counts: What it took, for the log.
    """

    records: pd.DataFrame
    clusters: pd.DataFrame
    edges: pd.DataFrame
    touched: pd.Index
    doubted: pd.Index
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
    told = _decided_otherwise(earlier.decisions, decisions)
    start = asked.union(moved, sort=False).union(told, sort=False)
    links = [_match(scored), _must(decisions), _must(earlier.decisions)]
    reached, stored = _reach(start, pd.concat(links, ignore_index=True), earlier.edges_of)
    rows = read(reached)
    live = pd.Index(rows["record_id"].astype(object))
    edges = pd.concat([stored[~change.replaces(stored)], scored], ignore_index=True)
    inside = edges[edges["record_a"].isin(live) & edges["record_b"].isin(live)].reset_index(drop=True)
    found = clustered(encode(rows, spec, frequencies), inside, decisions, spec, weights)
    clusters = pd.DataFrame({"record_id": live, "cluster": found.of_record.to_numpy()})
    component = _components(reached, pd.concat([*links, _match(stored)], ignore_index=True))
    members = earlier.members_of(reached)
    differs = np.asarray(reached.isin(change.changed.union(moved, sort=False).union(told, sort=False)))
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
            "edges_changed": len(moved),
            "components": int(component.max(initial=-1) + 1),
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


def changed_edges(before: pd.DataFrame, after: pd.DataFrame) -> pd.Index:
    """Records at the ends of edges that came, went or weigh otherwise."""
    both = before.merge(after, on=_ENDS, how="outer", suffixes=("", "_now"), indicator=True)
    same = (both["_merge"] == "both").to_numpy()
    for name in ("weight", "band", "rule", "model_version"):
        same &= (both[name] == both[f"{name}_now"]).to_numpy()
    said, say = (both[name].to_numpy(dtype=object) for name in ("evidence", "evidence_now"))
    for place in np.flatnonzero(same):
        same[place] = said[place] == say[place] or json.loads(said[place]) == json.loads(say[place])
    return ends(both[~same])


def _doubted_otherwise(before: pd.DataFrame, after: pd.DataFrame) -> pd.Index:
    """Records of pairs that only one of the two leaves to a steward."""
    waiting = [edges.loc[edges["band"] == "review", _ENDS].astype(object) for edges in (before, after)]
    return ends(pd.concat(waiting).drop_duplicates(keep=False))


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
