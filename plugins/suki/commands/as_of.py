"""Say who was in a customer on a day, as believed then or now.

The day is the sources': whether a record was there, and since when it said what it said. --believed is ours: which records
were one customer by the last publication of that day; without it, by the last there is. A customer id is followed as it was
followed then. Prints ids alone, and no person's value but with --values. The exit code is 1 when there was nobody.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from suki.arguments import customer_id, day
from suki.commands.resolve import when
from suki.explaining.asked import NotFound

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from include.warehouse.lives import Belief, Life, Member

ROLE = "suki_steward"
"""Who may look at people; it can only read what this command reads."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A customer, a day, and perhaps another day."""
    parser.add_argument("customer_id", type=customer_id, help="an id that was published once")
    parser.add_argument("day", type=day, help="the day, to its end in UTC: YYYY-MM-DD")
    parser.add_argument("--believed", type=day, metavar="DAY", help="as it was believed at the end of that day, not now")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--values", action="store_true", help="show the golden values of that day, on a terminal only")
    shown.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Ask the warehouse."""
    from include.warehouse import examining, lives
    from suki import connections
    from suki.explaining.finding import never_published
    from suki.explaining.values import only_on_a_terminal

    if arguments.values:
        only_on_a_terminal("--values", sys.stdout)
    end = _end(arguments.day)
    moment = _end(arguments.believed) if arguments.believed else datetime.now(UTC)
    with connections.warehouse(ROLE, "reading who was in a customer") as connection:
        examining.stand_still(connection)
        belief = lives.believed(connection, arguments.customer_id, moment)
        if belief.customer_id is None:
            found = lives.life(connection, arguments.customer_id)
            unknown = never_published(connection, arguments.customer_id) if found.state == "unknown" else ""
            raise NotFound(unknown or _nobody(found, belief, moment))
        members = lives.members(connection, belief.customer_id, end, moment)
        values = list(_values(connection, belief.customer_id, members, end)) if arguments.values else []
    if arguments.json:
        print(json.dumps(_for_machines(arguments, belief, members)))
    else:
        print(*_lines(arguments, belief, members), *values, sep="\n")
    return 0 if any(one.state == "there" for one in members) else 1


def _end(of: date) -> datetime:
    return datetime.combine(of, time.max, UTC)


def _nobody(found: "Life", belief: "Belief", moment: datetime) -> str:
    if belief.sequence is None:
        return f"Nothing was published by {when(moment)}."
    return f"{found.published_id} was not published yet by {when(moment)}: it was first {when(found.published_at)}."


def _lines(arguments: argparse.Namespace, belief: "Belief", members: "list[Member]") -> Iterator[str]:
    there = [one for one in members if one.state == "there"]
    followed = "" if belief.customer_id == arguments.customer_id else f" You asked about {arguments.customer_id}."
    by = f"by publication {belief.sequence} of {when(belief.recorded_at)}"
    many = f"{len(there)} record{'' if len(there) == 1 else 's'}"
    yield f"Customer {belief.customer_id} on {arguments.day}, {by}: {many}.{followed}"
    for one in there:
        yield f"  {one.record_id}  {one.source}  said so since {one.since:%Y-%m-%d}"
    for state, told in (("later", "its source had not spoken of it yet"), ("deleted", "its source had deleted it")):
        for one in members:
            if one.state == state:
                yield f"  {one.record_id}  {one.source}  not there: {told}"


def _values(connection: "Connection", customer: str, members: "list[Member]", day: datetime) -> Iterator[str]:
    """The golden values that the rules in force choose from what the records said on the day."""
    from include.golden.survivorship import survive
    from include.warehouse import lives
    from suki import believing
    from suki.declared import lists_among
    from suki.explaining.values import plain

    said = lives.said(connection, [one.record_id for one in members], day)
    if said.empty:
        return
    belief = believing.standing(connection)
    customers, _ = survive(said.assign(customer_id=customer), belief.trust, belief.rules, lists_among(connection))
    yield ""
    for name, value in customers.iloc[0].items():
        if name != "customer_id" and (told := plain(value)):
            yield f"  {name:17}  {told}"


def _for_machines(arguments: argparse.Namespace, belief: "Belief", members: "list[Member]") -> dict[str, object]:
    return {
        "asked": arguments.customer_id, "customer_id": belief.customer_id, "day": f"{arguments.day}",
        "publication": belief.sequence,
        "records": [
            {"record_id": one.record_id, "source": one.source, "state": one.state, "since": one.since and one.since.isoformat()}
            for one in members
        ],
    }  # fmt: skip
