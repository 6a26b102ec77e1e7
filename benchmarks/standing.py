"""A warehouse in memory: records, edges and customers, resolved at once or change by change by the core's own functions."""

from dataclasses import dataclass, field

import pandas as pd

from include.matching import ModelSpec, Weights, block, clustered, encode, score
from include.matching.change import change
from include.matching.register import Register
from include.matching.regrouping import Earlier, regroup
from include.matching.rescoring import ends, score_among

DECISIONS = ("record_a", "record_b", "decision")
Regions = frozenset[tuple[str, str]] | None


def no_decisions() -> pd.DataFrame:
    """Nobody decided anything."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in DECISIONS})


@dataclass(frozen=True)
class Resolved:
    """Everything resolved at once.

    Attributes:
        edges: The pairs in the match and review bands.
        members: ``record_id, customer_id``.
        pairs: How many pairs were weighed.
    """

    edges: pd.DataFrame
    members: pd.DataFrame
    pairs: int


def at_once(
    rows: pd.DataFrame, spec: ModelSpec, weights: Weights, decisions: pd.DataFrame | None = None, comparable: Regions = None
) -> Resolved:
    """What a run that compares everything makes of records."""
    table = encode(rows, spec)
    pairs = block(table, spec, comparable).frame
    edges = score(table, pairs, spec, weights)
    groups = clustered(table, edges, decisions, spec, weights).of_record
    members = pd.DataFrame({"record_id": rows["record_id"].astype(object), "customer_id": groups.to_numpy()})
    return Resolved(edges, members, len(pairs))


@dataclass
class Standing:
    """What was resolved so far.

    Attributes:
        spec: The declared model.
        weights: The match model, pinned.
        rows: The live records, in order of their ids.
        comparable: Regions that may be compared; None: all.
    """

    spec: ModelSpec
    weights: Weights
    rows: pd.DataFrame
    comparable: Regions = None
    decisions: pd.DataFrame = field(default_factory=no_decisions)
    register: Register = field(init=False)
    edges: pd.DataFrame = field(init=False)
    members: pd.DataFrame = field(init=False)
    _minted: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Resolve what is there at once."""
        self.register = Register.of_table(encode(self.rows, self.spec), self.spec)
        first = at_once(self.rows, self.spec, self.weights, self.decisions, self.comparable)
        self.edges, self.members = first.edges, first.members

    def resolve(self, rows: pd.DataFrame, marked: pd.Index, decisions: pd.DataFrame | None = None) -> dict[str, int]:
        """Take the records as they are now; only the marked ones may differ. Returns what it took."""
        decisions, read_rows = self.decisions if decisions is None else decisions, 0
        place = pd.Index(rows["record_id"].astype(object))

        def read(ids: pd.Index) -> pd.DataFrame:
            nonlocal read_rows
            found: pd.DataFrame = rows[place.isin(ids)].reset_index(drop=True)
            read_rows += len(found)
            return found

        repeats = self.weights.repeats
        assert repeats is not None
        found = change(self.register, marked, read, self.spec, repeats, self.comparable)
        scored = score_among(read(ends(found.pairs)), found.pairs, found.register, self.spec, self.weights)
        earlier = Earlier(self._edges_of, self._members_of, self.decisions)
        part = regroup(found, scored, earlier, decisions, read, found.register, self.spec, self.weights)
        self.rows, self.register, self.decisions = rows, found.register.stacked(), decisions
        kept = ~(self.edges["record_a"].isin(part.touched) | self.edges["record_b"].isin(part.touched))
        self.edges = pd.concat([self.edges[kept], part.edges]).sort_values(["record_a", "record_b"], ignore_index=True)
        fresh = part.clusters.assign(customer_id=part.clusters["cluster"] + 1_000_000 * (self._minted + 1))
        self._minted += 1
        stay = ~self.members["record_id"].isin(part.touched)
        self.members = pd.concat([self.members[stay], fresh[["record_id", "customer_id"]]], ignore_index=True)
        return {**found.counts, **part.counts, "rows_read": read_rows}

    def _edges_of(self, ids: pd.Index) -> pd.DataFrame:
        found: pd.DataFrame = self.edges[self.edges["record_a"].isin(ids) | self.edges["record_b"].isin(ids)]
        return found

    def _members_of(self, ids: pd.Index) -> pd.DataFrame:
        return self.members.loc[self.members["record_id"].isin(ids)]


def differences(standing: Standing, resolved: Resolved) -> dict[str, int]:
    """Edges that differ, and records whose customer consists of other records."""
    columns = ["record_a", "record_b", "weight", "band", "rule", "evidence"]
    edges = pd.concat([standing.edges[columns], resolved.edges[columns]]).drop_duplicates(keep=False)
    twice = len(standing.edges) - len(standing.edges.drop_duplicates(["record_a", "record_b"]))
    fellows = [
        one.groupby("customer_id")["record_id"].transform(lambda ids: " ".join(sorted(ids))).set_axis(one["record_id"])
        for one in (standing.members, resolved.members)
    ]
    alike = fellows[0].reindex(fellows[1].index) == fellows[1]
    return {"edges": len(edges) + twice, "records": int((~alike).sum()) + len(fellows[0].index.difference(fellows[1].index))}
