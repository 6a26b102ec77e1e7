"""List the values that stewards pinned, and those that are offered again: what they overrode is said otherwise now.

Pin the value anew to keep it, or withdraw the pin to leave it to the sources. Prints ids, fields and days; values, and who
pinned them and why, with --values alone.
"""

import argparse
import json
import sys

from suki.arguments import customer_id

ROLE = "suki_steward"
"""Who may see what was decided."""

_WORDS = ("given", "overrode", "actor", "reason", "withdrawn_by", "withdrawn_because")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Of whom, and how to tell it."""
    parser.add_argument("--of", type=customer_id, metavar="CUSTOMER_ID", help="of this customer alone")
    parser.add_argument("--offered", action="store_true", help="only those that are offered again")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--values", action="store_true", help="show values, who pinned them and why, on a terminal only")
    shown.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Look them up."""
    from suki import connections
    from suki.explaining.values import only_on_a_terminal

    if arguments.values:
        only_on_a_terminal("--values", sys.stdout)
    with connections.warehouse(ROLE, "reading the pinned values") as warehouse:
        from include.warehouse import pins
        from suki.deciding.words import pin_lines
        from suki.explaining.finding import answering

        rows = pins.pinned(warehouse, answering(warehouse, arguments.of) if arguments.of else None)
    if arguments.offered:
        rows = [row for row in rows if row["state"] == "offered again"]
    if arguments.json:
        kept = [{name: value for name, value in row.items() if name not in _WORDS} for row in rows]
        print(json.dumps(kept, indent=2, default=lambda moment: moment.isoformat()))
    else:
        print("\n".join(pin_lines(rows, arguments.values)))
    return 0
