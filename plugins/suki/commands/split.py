"""Split a customer: decide that some of its records are not the person of the others.

The next run of resolve_customers carries it out: the part with the oldest record keeps the id, the other gets back the id it
had or a new one, and golden values, history and interactions follow. Nothing is lost: suki withdraw takes it back.
"""

import argparse

ROLE = "suki_steward"
"""Who may decide."""

_HOW = "Give one customer by its id or by one of its records, and then the records that are another person."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A customer, the records to part from it, who and why."""
    from suki.deciding import who

    parser.add_argument(
        "what", nargs="+", metavar="ID", help="a customer, then the records that leave it; each by its id or as SOURCE KEY"
    )
    who.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Decide, and say what will come of it."""
    from suki import connections
    from suki.deciding import who
    from suki.explaining.asked import NotFound, named

    (customer, *records), said = named(arguments.what, most=None, how=_HOW), who.said(arguments)
    if not records:
        raise NotFound(f"No record is named. {_HOW}")
    with connections.warehouse(ROLE, "keeping a split") as warehouse:
        from suki.deciding.bench import Bench
        from suki.deciding.words import split_lines

        told = Bench(warehouse, **said).split(customer, records)
    print("\n".join(split_lines(told)))
    return 0
