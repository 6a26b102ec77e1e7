"""The story of a pair of records, or of a customer: what the warehouse holds of them, and what matching makes of it.

What is stored is told as stored. What is not (a pair below the review band, a pair never compared, the pairs inside a customer)
is weighed anew, with the model of the last publication, on the records as they stand now: all of them are read, for how common a
value is counts over all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from include.matching import Weights, load_spec
from include.matching.cohesion import Apart, Cohesion, Pair, Scales, Tie, hang_together, held_apart, pair, through
from include.matching.explaining import Weighed, weighed
from include.matching.nearness import Nearness
from include.warehouse import examining
from suki.explaining.asked import Named, NotFound
from suki.explaining.finding import Finder

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from include.matching import ModelSpec

Reason = tuple[Pair, str]
"""Two records and what they contradict each other in."""


@dataclass(frozen=True)
class Place:
    """A live record: where it comes from and whose it is."""

    record_id: str
    stream: str
    customer_id: str
    changed: bool


@dataclass(frozen=True)
class Decision:
    """A steward's decision in force; ``heeded``: the last run knew of it.

    The reason and who gave it are a person's words and name: they are not told here.
    """

    records: Pair
    decision: str
    decision_id: str
    day: str
    heeded: bool


@dataclass(frozen=True)
class Step:
    """One link of a chain of records, with what speaks most for it."""

    tie: Tie
    because: list[str]


@dataclass(frozen=True)
class Rift:
    """Another customer, and what keeps it from being one with this."""

    customer_id: str
    records: list[str]
    apart: Apart
    reasons: list[Reason]


@dataclass(frozen=True)
class PairStory:
    """Everything there is to say of two records.

    Attributes:
        weighed: What speaks for and against; of a pair never compared, what would. None where their regions forbid to compare.
        rule: The blocking rule that brought them together.
        nearness: For a pair that is not stored, what blocking makes of it.
        stored: Whether this is a stored edge.
        declared_since: Whether ``model.yml`` has changed since the model was trained.
        decision: What a steward decided of the two.
        chain: Where they are one customer without matching by themselves: the links from one to the other.
        rift: Where they match and are two customers all the same: what keeps these apart.
    """

    records: tuple[Place, Place]
    weighed: Weighed | None
    rule: str | None
    nearness: Nearness | None
    stored: bool
    model_version: str
    declared_since: bool
    decision: Decision | None
    chain: list[Step]
    rift: Rift | None
    streams: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CustomerStory:
    """Everything there is to say of one customer's records.

    Attributes:
        asked: The id asked about, where it is another: an older id of the customer's, or a record.
        cohesion: How they hang together; None of a single record.
        because: What speaks most for each link.
        contradictions: What stands inside in spite of a contradiction, under a steward's must-link.
        decisions: The decisions in force at its records.
        deleted: How many of its records were deleted since the last run, and are left out here.
        rifts: The customers it could be one with, and is kept apart from.
        reviews: How many pairs with other customers wait for a steward.
    """

    customer_id: str
    asked: str | None
    records: list[Place]
    deleted: int
    cohesion: Cohesion | None
    because: list[Step]
    contradictions: list[Reason]
    decisions: list[Decision]
    rifts: list[Rift]
    reviews: int
    model_version: str
    declared_since: bool


class Desk:
    """The warehouse as a steward sees it, at one moment."""

    def __init__(self, connection: "Connection") -> None:
        examining.stand_still(connection)
        self.connection = connection
        published = examining.last_publication(connection)
        if published is None or published["model_version"] is None:
            raise NotFound("Nothing was resolved yet. The Dag resolve_customers does it, once something was staged.")
        self.model_version: str = published["model_version"]
        self.published_at = published["recorded_at"]
        self.finder = Finder(connection, self.published_at)
        self.spec: ModelSpec = load_spec()

    @cached_property
    def weights(self) -> Weights:
        """The model of the last publication.

        Raises:
            NotFound: It is not kept any more.
            DeclarationError: ``model.yml`` has other comparisons by now.
        """
        artefact = examining.model(self.connection, self.model_version)
        if artefact is None:
            raise NotFound(
                f"Match model {self.model_version[:12]}, which weighed the last run, is not in identity.match_model any more."
            )
        return Weights.from_json(artefact, self.spec)

    @property
    def declared_since(self) -> bool:
        """Whether rules, caps or thresholds in ``model.yml`` may be others than those of the last run."""
        return self.weights.departs_from(self.spec)

    @cached_property
    def scales(self) -> Scales:
        """Every record as it stands now."""
        return Scales(examining.contents(self.connection), self.spec, self.weights)

    def pair(self, one: Named, other: Named) -> PairStory:
        """The story of two records.

        Raises:
            NotFound: One of them cannot be explained; the sentence says why.
        """
        a, b = (_place(self.finder.resolved(named)) for named in (one, other))
        if a.record_id == b.record_id:
            raise NotFound("These are one record, given twice. Give another beside it, or the id alone for its customer.")
        both = pair(a.record_id, b.record_id)
        edge = examining.edges(self.connection, both).get(both)
        decisions = self._decisions(both)
        near = None if edge else self._nearness(both)
        said = self._weighed(both, edge, near)
        rule = edge["rule"] if edge else near.rule if near else None
        matches = said is not None and said.band == "match" and rule is not None
        chain: list[Step] = []
        rift, streams = None, {}
        if a.customer_id == b.customer_id and not matches:
            places = self._live(a.customer_id)
            streams = {place.record_id: place.stream for place in places}
            links = hang_together(self.scales, list(streams), self._links(list(streams))).links
            chain = self._steps(through(links, a.record_id, b.record_id))
        elif a.customer_id != b.customer_id and matches:
            rift = self._rift(a.customer_id, b.customer_id)
        return PairStory(
            (a, b), said, rule, near, edge is not None, self.model_version, self.declared_since, decisions.get(both), chain, rift,
            streams,
        )  # fmt: skip

    def customer(self, one: Named) -> CustomerStory:
        """The story of a customer, or of the customer who holds a record.

        Raises:
            NotFound: There is none, or none any more.
        """
        customer_id = self.finder.customer_id(one)
        places = self._live(customer_id)
        members = [place.record_id for place in places]
        if not members:
            raise NotFound(f"All records of customer {customer_id} were deleted since the last run: the next one removes it.")
        edges = examining.edges(self.connection, members)
        decisions = self._decisions(members)
        outside = [both for both in {*edges, *decisions} if not set(both) <= set(members)]
        worth = [both for both in outside if self._worth_telling(both, edges, decisions)]
        others = examining.records(self.connection, sorted({record for both in worth for record in both}), self.published_at)
        known = {row["customer_id"] for row in others.values()} - {customer_id, None}
        rifts = [rift for other in sorted(known) if (rift := self._rift(customer_id, other))]
        reviews = sum(edges[both]["band"] == "review" for both in outside if both in edges and both not in worth)
        together = hang_together(self.scales, members, self._links(members)) if len(members) > 1 else None
        return CustomerStory(
            customer_id=customer_id,
            asked=one.ids[0] if one.ids[0] != customer_id and not one.source else None,
            records=places,
            deleted=len(examining.members(self.connection, [customer_id])[customer_id]) - len(places),
            cohesion=together,
            because=self._steps(together.links) if together else [],
            contradictions=self._reasons(together.contradictions) if together else [],
            decisions=sorted(decisions.values(), key=lambda told: (told.day, told.records)),
            rifts=sorted(rifts, key=lambda rift: (-rift.apart.best.weight, rift.customer_id)),
            reviews=reviews,
            model_version=self.model_version,
            declared_since=self.declared_since,
        )

    def _weighed(self, both: Pair, edge: Mapping[str, Any] | None, near: Nearness | None) -> Weighed | None:
        if edge:
            return weighed(edge["evidence"], edge["weight"], self.spec, reliable=self.weights.reliable)
        return None if near and near.regions else self.scales.weigh([both])[0]

    def _nearness(self, both: Pair) -> Nearness:
        from include.privacy.regions import comparable

        return self.scales.nearness(*both, comparable())

    def _live(self, customer_id: str) -> list[Place]:
        """A customer's records, without those deleted since the last run, which nothing can be said of."""
        members = examining.members(self.connection, [customer_id])[customer_id]
        found = examining.records(self.connection, members, self.published_at)
        return [_place(row) for row in found.values() if not row["deleted"]]

    def _decisions(self, records: Sequence[str]) -> dict[Pair, Decision]:
        found = examining.decisions(self.connection, records)
        return {
            both: Decision(
                both, row["decision"], row["decision_id"], row["recorded_at"].date().isoformat(),
                heeded=row["recorded_at"] <= self.published_at,
            )
            for both, row in found.items()
        }  # fmt: skip

    def _links(self, records: Sequence[str]) -> dict[Pair, str]:
        return {both: told.decision for both, told in self._decisions(records).items()}

    def _worth_telling(self, both: Pair, edges: Mapping[Pair, Mapping[str, Any]], decisions: Mapping[Pair, Decision]) -> bool:
        """Whether two records of two customers would be one but for something that keeps them apart."""
        heavy = both in edges and edges[both]["weight"] >= self.spec.thresholds.match
        return heavy or (both in decisions and decisions[both].decision == "cannot_link")

    def _rift(self, customer_id: str, other: str) -> Rift | None:
        members, others = ([place.record_id for place in self._live(one)] for one in (customer_id, other))
        if not others:
            return None
        apart = held_apart(self.scales, members, others, self._links([*members, *others]))
        return Rift(other, others, apart, self._reasons(apart.contradictions))

    def _reasons(self, ties: Sequence[Tie]) -> list[Reason]:
        told = self.scales.weigh([tie.records for tie in ties])
        return [(tie.records, veto) for tie, said in zip(ties, told, strict=True) for veto in said.vetoes]

    def _steps(self, ties: Sequence[Tie]) -> list[Step]:
        from include.matching.explaining import loudest

        told = self.scales.weigh([tie.records for tie in ties])
        return [Step(tie, loudest(said)) for tie, said in zip(ties, told, strict=True)]


def _place(row: Mapping[str, Any]) -> Place:
    return Place(row["record_id"], f"{row['source']}.{row['stream']}", row["customer_id"], bool(row["changed"]))
