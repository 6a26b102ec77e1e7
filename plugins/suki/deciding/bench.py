"""Where stewards decide: finds whom they name, refuses what cannot hold, and keeps the rest for the next run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from include.matching import load_spec
from include.matching.decisions import Decision, Standing, Verdict, joining, parting
from include.privacy.regions import comparable
from include.warehouse import decisions, examining
from suki.explaining.asked import Named, NotFound
from suki.explaining.finding import Finder

if TYPE_CHECKING:
    from sqlalchemy import Connection

Pair = tuple[str, str]


@dataclass(frozen=True)
class Ruled:
    """What was decided.

    Attributes:
        ruled_id: What ``suki withdraw`` takes: the decision's id, or that of the whole merge or split.
        decision: ``must_link`` or ``cannot_link``.
        pairs: The pairs it is of, one decision each.
        customers: Whose the records are as published now; None of a record that is not resolved yet.
        sides: Of a merge or split, how many records stand on either side.
    """

    ruled_id: str
    decision: Verdict
    pairs: list[Pair]
    customers: tuple[str | None, str | None]
    sides: tuple[int, int] = (1, 1)


class Bench:
    """Decisions within one transaction; nobody else decides until it ends.

    Args:
        connection: As ``suki_steward``.
        actor: Who decides.
        reason: Why.
    """

    def __init__(self, connection: "Connection", *, actor: str, reason: str) -> None:
        decisions.hold(connection)
        self.connection, self.said = connection, {"actor": actor, "reason": reason}
        self.finder = Finder(connection, datetime.now(UTC))
        # The columns are what Decision holds; a verdict is one of two by the same writer.
        self.standing = Standing(Decision(**row) for row in decisions.in_force(connection))  # type: ignore[arg-type]

    def decide(self, one: Named, other: Named, decision: Verdict) -> Ruled:
        """Say of two records that they are one person, or that they are two.

        Raises:
            NotFound: One of them is not there, or it is decided so already.
            Undecidable: Nothing can be decided of them.
            Contradiction: It cannot hold beside what is decided.
        """
        a, b = (self.finder.living(named) for named in (one, other))
        pair = (a["record_id"], b["record_id"])
        if (known := self.standing.said(*pair)) and known.decision == decision:
            raise NotFound(f"That is decided already: decision {known.decision_id}.")
        kept = self._keep([pair], decision)
        return Ruled(kept, decision, [pair], (a["customer_id"], b["customer_id"]))

    def merge(self, one: Named, other: Named) -> Ruled:
        """Say of two customers that they are one person: every record of either.

        Raises:
            NotFound: One of them is not there, they are one already, or it is decided already.
            Undecidable: Some of their records may not be compared, or it would be too large.
            Contradiction: It cannot hold beside what is decided.
        """
        customers = self.finder.customer_id(one), self.finder.customer_id(other)
        if customers[0] == customers[1]:
            raise NotFound(f"These are one customer already: {customers[0]}.")
        sides = [self._living(customer) for customer in customers]
        wanted = joining(self.standing, [record for side in sides for record in side])
        if not wanted:
            raise NotFound("That is decided already; the next run of resolve_customers carries it out.")
        pairs = [(each.record_a, each.record_b) for each in wanted]
        return Ruled(self._keep(pairs, "must_link", "merge"), "must_link", pairs, customers, (len(sides[0]), len(sides[1])))

    def split(self, one: Named, others: Sequence[Named]) -> Ruled:
        """Say of some records of a customer that they are not the person of its other records.

        Raises:
            NotFound: One of them is not there, a record is another's, all are named, or it is decided already.
            Contradiction: It cannot hold beside what is decided.
        """
        customer = self.finder.customer_id(one)
        leaving: dict[str, None] = {}
        for named in others:
            row = self.finder.resolved(named)
            if row["customer_id"] != customer:
                raise NotFound(f"Record {row['record_id']} is of customer {row['customer_id']}, not of {customer}.")
            leaving[row["record_id"]] = None
        staying = [record for record in self._living(customer) if record not in leaving]
        if not staying:
            raise NotFound(f"These are all records of customer {customer}: there is nothing to part them from.")
        wanted = parting(self.standing, leaving, staying)
        if not wanted:
            raise NotFound("That is decided already; the next run of resolve_customers carries it out.")
        pairs = [(each.record_a, each.record_b) for each in wanted]
        kept = self._keep(pairs, "cannot_link", "split")
        return Ruled(kept, "cannot_link", pairs, (customer, customer), (len(leaving), len(staying)))

    def _living(self, customer: str) -> list[str]:
        members = examining.members(self.connection, [customer])[customer]
        known = decisions.records(self.connection, members)
        living = [record for record in members if not known[record]["deleted"]]
        if not living:
            raise NotFound(f"All records of customer {customer} were deleted since the last run: the next one removes it.")
        return living

    def _keep(self, pairs: list[Pair], decision: Verdict, ruling: str | None = None) -> str:
        for pair in pairs:
            if pair[0] != pair[1]:  # of one record alone the warehouse refuses to keep any
                self.standing.add(Decision(*pair, decision))
        kept = decisions.decide(self.connection, pairs, decision, comparable=comparable(), ruling=ruling, **self.said)
        if decision == "must_link":
            self._one_person(self.standing.person(pairs[0][0]))
        return next(iter(kept.values()))

    def _one_person(self, records: Iterable[str]) -> None:
        """Refuse a person whom no run could carry out; what was kept before is taken back with the transaction."""
        known = decisions.records(self.connection, sorted(records))
        largest = load_spec().clustering.largest
        if len(known) > largest:
            raise decisions.Undecidable(
                f"That would make one person of {len(known):,} records, and a customer has at most {largest:,}"
                " (clustering.largest in model.yml)."
            )
        regions, allowed = sorted({row["region"] for row in known.values()}), comparable()
        apart = [(a, b) for a in regions for b in regions if (a, b) not in allowed]
        if apart:
            raise decisions.Undecidable(
                f"That would make one person of records of {apart[0][0]} and {apart[0][1]}, which may not be compared"
                " (regions.yml)."
            )
