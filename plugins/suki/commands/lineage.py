"""Say where a customer's golden values come from: record, rule, confidence, and what lost against them.

Of each field the records that supplied the golden value, the rule that chose it, how many records hold it of those that
hold any, and how many other values lost. Records are numbered as listed above. Ids and counts are printed, and no person's
value but with --values. The customer may be given by an id from an old list.
"""

import argparse
import json
import sys

from suki.arguments import customer_id

ROLE = "suki_steward"
"""Who may look at people and at the evidence; it can only read what this command reads."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A customer, and perhaps a field."""
    parser.add_argument("customer_id", type=customer_id, help="an id that was published once, e.g. in golden.customer")
    parser.add_argument("field", nargs="?", help="one golden field, e.g. full_name; all of them if not given")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--values", action="store_true", help="show the values, and those that lost, on a terminal only")
    shown.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Ask the warehouse, and tell."""
    from suki import connections
    from suki.explaining.lines import Story, for_machines, lines
    from suki.explaining.values import only_on_a_terminal

    if arguments.values:
        only_on_a_terminal("--values", sys.stdout)
    with connections.warehouse(ROLE, "explaining golden values") as warehouse:
        story = Story.of(warehouse, arguments.customer_id, arguments.field)
    if arguments.json:
        print(json.dumps(for_machines(story), indent=2))
    else:
        print(*lines(story, values=arguments.values), sep="\n")
    return 0
