"""Say what became of a customer id: who answers to it now, whenever it was published.

Current, merged into another, or gone, and since when; and who split off from it. Prints ids alone. The exit code is 1 when
nobody answers to it.
"""

import argparse
import json
from datetime import datetime
from typing import TYPE_CHECKING

from suki.arguments import customer_id

if TYPE_CHECKING:
    from include.warehouse.lives import Life

ROLE = "suki_resolve"
"""Every login that runs steps may take it, and it may read the ledger of ids."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One id."""
    parser.add_argument("customer_id", type=customer_id, help="an id that was published once, e.g. in golden.customer")
    parser.add_argument(
        "--records", action="store_true", help="list the source records of that customer too, by their opaque ids"
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Ask the warehouse."""
    from include.warehouse import lives, snapshot
    from suki import connections
    from suki.explaining.finding import never_published

    with connections.warehouse(ROLE, "resolving a customer id") as connection:
        found = lives.life(connection, arguments.customer_id)
        answers = found.customer_id
        records = snapshot.records_of(connection, answers) if answers and arguments.records else []
        unknown = never_published(connection, arguments.customer_id) if found.state == "unknown" else ""
    if arguments.json:
        print(json.dumps(_for_machines(found, records)))
        return 0 if answers else 1
    print(unknown or "\n".join(_lines(found)))
    for one in records:
        print(f"  {one['record_id']}  {one['source']}.{one['stream']}")
    return 0 if answers else 1


def when(moment: datetime | None) -> str:
    """A moment of recorded time for people."""
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "an unknown moment"


def _lines(found: "Life") -> list[str]:
    asked, since = found.published_id, when(found.since)
    told = {
        "current": f"{asked} is current since {since}.",
        "merged": f"{asked} is {found.customer_id} now, since {since}.",
        "gone": f"Nobody answers to {asked} any more, since {since}.",
    }
    first = [f"  first published {when(found.published_at)}"] if found.published_at != found.since else []
    return [told[found.state], *first, *(_part(part.published_id, part.customer_id, part.since) for part in found.parts)]


def _part(published_id: str, answers: str | None, since: datetime) -> str:
    now = "" if answers == published_id else f", which is {answers} now" if answers else ", which is gone"
    return f"  {published_id} split off from it {when(since)}{now}"


def _for_machines(found: "Life", records: list[dict[str, str]]) -> dict[str, object]:
    return {
        "asked": found.published_id, "customer_id": found.customer_id, "published": found.state != "unknown",
        "state": found.state, "published_at": found.published_at and found.published_at.isoformat(),
        "since": found.since and found.since.isoformat(),
        "split_off": [
            {"published_id": part.published_id, "customer_id": part.customer_id, "since": part.since.isoformat()}
            for part in found.parts
        ],
        "records": records,
    }  # fmt: skip
