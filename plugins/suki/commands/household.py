"""Say who lives with a customer and why that is believed, and where the customer registered again and again.

Ids, names of evidence and counts are printed, and nobody's values. The customer may be given by an id from an old list.
"""

import argparse
import json

from suki.arguments import customer_id

ROLE = "suki_steward"
"""Who may look at people and at the evidence; it can only read what this command reads."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One id."""
    parser.add_argument("customer_id", type=customer_id, help="an id that was published once, e.g. in golden.customer")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Ask the warehouse, and tell."""
    from suki import connections
    from suki.explaining.households import living, told

    with connections.warehouse(ROLE, "explaining a household") as warehouse:
        story = living(warehouse, arguments.customer_id)
    print(json.dumps(story, indent=2) if arguments.json else "\n".join(told(story)))
    return 0
