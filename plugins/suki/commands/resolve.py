"""Say who answers to a customer id now, whenever it was published.

Prints ids alone. The exit code is 1 when nobody answers to it.
"""

import argparse
import json
from uuid import UUID

ROLE = "suki_resolve"
"""Every login that runs steps may take it, and it may read the ledger of ids."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One id."""
    parser.add_argument("customer_id", type=_customer_id, help="an id that was published once, e.g. in golden.customer")
    parser.add_argument(
        "--records", action="store_true", help="list the source records of that customer too, by their opaque ids"
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Ask the warehouse."""
    from include.warehouse import snapshot
    from suki import connections

    asked: str = arguments.customer_id
    with connections.warehouse(ROLE, "resolving a customer id") as connection:
        found = snapshot.resolve(connection, asked)
        known = found is not None or snapshot.was_published(connection, asked)
        records = snapshot.records_of(connection, found) if found and arguments.records else []
    if arguments.json:
        print(json.dumps({"asked": asked, "customer_id": found, "published": known, "records": records}))
        return 0 if found else 1
    print(_sentence(asked, found, known=known))
    for one in records:
        print(f"  {one['record_id']}  {one['source']}.{one['stream']}")
    return 0 if found else 1


def _sentence(asked: str, found: str | None, *, known: bool) -> str:
    if found == asked:
        return f"{asked} is current."
    if found:
        return f"{asked} is {found} now."
    return f"Nobody answers to {asked} any more." if known else f"{asked} was never published as a customer id."


def _customer_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise argparse.ArgumentTypeError("a customer id looks like 0b6f5d3e-7a61-5b57-9a0f-3f5d2c8e4b10") from None
