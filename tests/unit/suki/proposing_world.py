"""Exports as data: columns of a name, what it is and some values, and what ``suki new-source`` makes of them."""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from suki.proposing.events import propose_events
from suki.proposing.proposal import Proposal, propose

HERE = Path(__file__).parent / "exports"


@dataclass
class Result:
    """How much of some exports was found: by column, what it is and what it was taken for."""

    right: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        return len(self.right) / (len(self.right) + len(self.left) + len(self.wrong_of_mappable))

    @property
    def wrong_of_mappable(self) -> list[str]:
        return [line for line in self.wrong if " is - " not in line]


def exports(name: str) -> dict[str, list]:
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


def proposal_of(columns: list) -> Proposal:
    rows = range(len(columns[0][2]))
    return propose([(name, [str(values[n]) for n in rows]) for name, _, values in columns])


def taken_for(proposal: Proposal) -> dict[str, str]:
    """Of each column the field it is declared for; "" where it is left or ignored."""
    taken = {column.name: name for name, columns in proposal.sources_of.items() for column in columns}
    if proposal.key and proposal.key_confidence >= 0.7:
        taken[proposal.key.name] = "key"
    if proposal.updated_at:
        taken[proposal.updated_at.name] = "updated_at"
    return taken


def taken_of_events(columns: list) -> dict[str, str]:
    """The same of an export of events: fields of their stream, and ``people`` for those of the other."""
    streams = propose_events([(name, values) for name, _, values in columns], "rows")
    if streams is None:
        return {}
    events, people = streams.values()
    return {
        **{column.name: "people" for columns in people.sources_of.values() for column in columns},
        **({events.updated_at.name: "updated_at"} if events.updated_at else {}),
        **{column.name: name for name, columns in events.sources_of.items() for column in columns},
        **({events.key.name: "key"} if events.key else {}),
    }


def result_of(name: str) -> Result:
    result = Result()
    for export, columns in exports(name).items():
        taken = taken_of_events(columns) if name.startswith("events") else taken_for(proposal_of(columns))
        for column, is_, _ in columns:
            got = taken.get(column, "")
            line = f"{export}: {column} is {is_} and was taken for {got or 'nothing'}"
            if got and got != is_:
                result.wrong.append(line)
            elif got:
                result.right.append(line)
            elif is_ != "-":
                result.left.append(line)
    return result


if __name__ == "__main__":
    import sys

    for name in sys.argv[1:]:
        found = result_of(name)
        told = len(found.right) + len(found.left) + len(found.wrong_of_mappable)
        print(f"{name}: {found.share:.1%} of {told} right, {len(found.wrong)} wrong")
        print(*found.left, *(f"WRONG {line}" for line in found.wrong), sep="\n")
