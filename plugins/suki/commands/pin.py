"""Pin a golden value: what a steward knows better stands above what the sources say.

It stands until the source value it overrode changes; then the sources' value is published again and the pin is offered to
you in suki pins. The value is cleaned as any other; fields that move together (the parts of a name, the lines of an address)
are pinned together. Consent cannot be pinned: it is the customer's own word.
"""

import argparse
import getpass
import sys

from suki.arguments import customer_id

ROLE = "suki_steward"
"""Who may decide."""

_ASK = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose, which, what, who and why."""
    from suki.deciding import who

    parser.add_argument("customer_id", type=customer_id, help="an id that was published once, e.g. in golden.customer")
    parser.add_argument("field", help="one golden field, e.g. birth_date")
    parser.add_argument("value", help="the value that shall stand; of a set the one that comes first; - asks for it")
    who.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Pin it, and say what will come of it."""
    from suki import connections
    from suki.deciding import who

    said, value = who.said(arguments), arguments.value
    if value == _ASK:
        value = getpass.getpass("Value: ") if sys.stdin.isatty() else sys.stdin.readline()
    with connections.warehouse(ROLE, "pinning a value") as warehouse:
        from suki.deciding.pinning import pin_value
        from suki.deciding.words import pinned_lines
        from suki.explaining.finding import answering

        told = pin_value(warehouse, answering(warehouse, arguments.customer_id), arguments.field, value.strip(), **said)
    print("\n".join(pinned_lines(told)))
    return 0
