"""Say why two records are one person or not, or how a customer hangs together.

Two records: whether they match, which comparison weighs what, adding up to the stored weight; or why they were never
compared. One customer, or one record: what holds the customer's records together, the weakest link, what was kept apart.

A record is named by its id as the warehouse shows it, or by its source and the key it has there; for a key given as - you
are asked, so that it need not stand in the shell's history. Ids, levels and weights are printed, and no person's value but
with --values.
"""

import argparse
import json
import sys
from dataclasses import asdict

ROLE = "suki_steward"
"""Who may look at people and at the evidence; it can only read what this command reads."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One customer, or two records."""
    parser.add_argument(
        "what", nargs="+", metavar="ID", help="a customer id; or two records, each as its record id or as SOURCE KEY"
    )
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--values", action="store_true", help="show the records' values beside it, on a terminal only")
    shown.add_argument("--json", action="store_true", help="print JSON for machines, with weights to four decimals")


def run(arguments: argparse.Namespace) -> int:
    """Ask the warehouse, and tell."""
    from suki import connections
    from suki.explaining.asked import named
    from suki.explaining.values import only_on_a_terminal

    if arguments.values:
        only_on_a_terminal("--values", sys.stdout)
    things = named(arguments.what)
    with connections.warehouse(ROLE, "explaining a match") as warehouse:
        from suki.explaining.stories import Desk
        from suki.explaining.values import value_lines
        from suki.explaining.words import customer_lines, pair_lines

        desk = Desk(warehouse)
        if len(things) == 1:
            customer = desk.customer(things[0])
            told, lines = asdict(customer), customer_lines(customer, desk.spec)
            ids = [place.record_id for place in customer.records]
        else:
            pair = desk.pair(*things)
            told, lines = asdict(pair), pair_lines(pair, desk.spec)
            ids = [place.record_id for place in pair.records]
        if arguments.json:
            print(json.dumps(told, indent=2))
        else:
            print("\n".join(lines))
        if arguments.values:
            print("", *value_lines(warehouse, ids), sep="\n")
    return 0
