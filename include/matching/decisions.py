"""Whether what stewards decided can hold all at once, and the chain of decisions that says why one more cannot."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import pandas as pd

from include.errors import SukiError

Verdict = Literal["must_link", "cannot_link"]


@dataclass(frozen=True)
class Decision:
    """What was decided of two records; ``decision_id`` is None of one that is only being thought of."""

    record_a: str
    record_b: str
    decision: Verdict
    decision_id: str | None = None

    def other(self, record: str) -> str:
        """The one of the two that is not this."""
        return self.record_b if record == self.record_a else self.record_a


@dataclass(frozen=True)
class Step:
    """One decision of a chain, read from one record to the next."""

    start: str
    end: str
    decision: Decision


class Contradiction(SukiError):
    """A decision that cannot hold beside those in force.

    Attributes:
        chain: From record to record and back to the first: every step but the last says one person, the last says two.
    """

    def __init__(self, chain: tuple[Step, ...]) -> None:
        self.chain = chain
        super().__init__("\n".join(_told(chain)))


class Standing:
    """Decisions that hold together, one more only where it contradicts none of them.

    One person is whoever chains of ``must_link`` join; a ``cannot_link`` between two of one person would be a contradiction.
    """

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        """Take decisions as they stand, without a look: ``add`` looks."""
        self._links: Mapping[Verdict, dict[str, dict[str, Decision]]] = {
            "must_link": defaultdict(dict), "cannot_link": defaultdict(dict),
        }  # fmt: skip
        for one in decisions:
            self._take(one)

    def add(self, decision: Decision) -> None:
        """Let one more decision hold.

        Raises:
            ValueError: It is of one record alone.
            Contradiction: It cannot hold beside the others; they stand as they stood.
        """
        if decision.record_a == decision.record_b:
            raise ValueError("a decision is of two records")
        if chain := self._against(decision):
            raise Contradiction(chain)
        self._take(decision)

    def said(self, one: str, other: str) -> Decision | None:
        """What was decided of these two themselves."""
        for links in self._links.values():
            if other in links.get(one, {}):
                return links[one][other]
        return None

    def person(self, record: str) -> set[str]:
        """The records that decisions make one person with this one, itself included."""
        return set(self._reach(record))

    def follows(self, decision: Decision) -> bool:
        """Whether the decisions in force say so already."""
        here, there = self._reach(decision.record_a), self._reach(decision.record_b)
        if decision.decision == "must_link":
            return decision.record_b in here
        return next(self._between(here, there), None) is not None

    def _take(self, decision: Decision) -> None:
        links = self._links[decision.decision]
        links[decision.record_a][decision.record_b] = links[decision.record_b][decision.record_a] = decision

    def _against(self, new: Decision) -> tuple[Step, ...]:
        """The shortest chain that contradicts a decision; empty where none does. Of equally short ones always the same."""
        here = self._reach(new.record_a)
        if new.decision == "cannot_link":
            if new.record_b not in here:
                return ()
            return (*_steps(_way(here, new.record_b)), Step(new.record_b, new.record_a, new))
        if new.record_b in here:
            return ()
        there = self._reach(new.record_b)
        chains = []
        for left, right, apart in self._between(here, there):
            start, end = _steps(_way(here, left)), _steps(_way(there, right))
            back = tuple(Step(step.end, step.start, step.decision) for step in reversed(start))
            chains.append((*back, Step(new.record_a, new.record_b, new), *end, Step(right, left, apart)))
        return min(chains, key=lambda chain: (len(chain), [step.start for step in chain]), default=())

    def _between(self, here: Iterable[str], there: Mapping[str, object]) -> Iterator[tuple[str, str, Decision]]:
        """What keeps a record of the one apart from a record of the other."""
        for left in here:
            for right, apart in self._links["cannot_link"].get(left, {}).items():
                if right in there:
                    yield left, right, apart

    def _reach(self, record: str) -> dict[str, tuple[str, Decision] | None]:
        """Every record that is one person with this one, to the step that first led there; the nearest come first."""
        links = self._links["must_link"]
        came: dict[str, tuple[str, Decision] | None] = {record: None}
        open_ends = deque([record])
        while open_ends:
            here = open_ends.popleft()
            for there, decision in sorted(links.get(here, {}).items()):
                if there not in came:
                    came[there] = (here, decision)
                    open_ends.append(there)
        return came


def joining(standing: Standing, records: Iterable[str]) -> list[Decision]:
    """The fewest ``must_link`` that make some records one person, beside what is decided already.

    All start at the first record, so that each can be withdrawn without another record's falling away with it.
    """
    first, *rest = records
    held, found = standing.person(first), []
    for record in rest:
        if record not in held:
            found.append(Decision(first, record, "must_link"))
            held |= standing.person(record)
    return found


def parting(standing: Standing, here: Iterable[str], there: Iterable[str]) -> list[Decision]:
    """A ``cannot_link`` for every pair between two sides that is not decided so already: any fewer would leave a way around."""
    others = list(there)
    wanted = (Decision(one, other, "cannot_link") for one in here for other in others)
    return [
        one for one in wanted if (known := standing.said(one.record_a, one.record_b)) is None or known.decision != one.decision
    ]


def among_living(decisions: pd.DataFrame, living: "pd.Index[Any]") -> pd.DataFrame:
    """The decisions as they hold among the records that live: what a record that is gone passed on, others still hold.

    Of ``a`` is ``b`` and ``b`` is ``c``, ``a`` is ``c`` stays when ``b`` is deleted by its source.

    Args:
        decisions: ``record_a, record_b, decision``.
        living: The ids of the records that live.
    """
    ends = decisions[["record_a", "record_b"]].astype(str)
    here = ends["record_a"].isin(living) & ends["record_b"].isin(living)
    if here.all():
        return decisions
    standing = Standing(Decision(*row) for row in zip(ends["record_a"], ends["record_b"], decisions["decision"], strict=True))
    told = dict.fromkeys(decisions.loc[here, ["record_a", "record_b", "decision"]].astype(str).itertuples(index=False, name=None))
    for one, other, decision in zip(ends["record_a"], ends["record_b"], decisions["decision"], strict=True):
        left, right = (sorted(record for record in standing.person(end) if record in living) for end in (one, other))
        if decision == "must_link":
            told |= dict.fromkeys((a, b, decision) for a, b in pairwise(left))
        else:
            told |= dict.fromkeys((a, b, decision) for a in left[:1] for b in right[:1])
    return pd.DataFrame(told.keys(), columns=["record_a", "record_b", "decision"], dtype=object)


def _way(came: Mapping[str, tuple[str, Decision] | None], end: str) -> list[tuple[str, Decision | None]]:
    """Records from the one everything was reached from to ``end``, each with the decision that led to it."""
    way: list[tuple[str, Decision | None]] = []
    here: str | None = end
    while here is not None:
        before = came[here]
        way.append((here, before[1] if before else None))
        here = before[0] if before else None
    return way[::-1]


def _steps(way: list[tuple[str, Decision | None]]) -> tuple[Step, ...]:
    return tuple(Step(start, end, decision) for (start, _), (end, decision) in pairwise(way) if decision)


def _told(chain: tuple[Step, ...]) -> Iterator[str]:
    yield "That contradicts what is decided:"
    for step in chain:
        says = "is one person with" if step.decision.decision == "must_link" else "is not"
        by = f"decision {step.decision.decision_id}" if step.decision.decision_id else "what you decide now"
        yield f"  {step.start}  {says:18}  {step.end}  ({by})"
