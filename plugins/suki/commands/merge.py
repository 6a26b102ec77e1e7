"""Merge two customers: decide that all their records are one person.

The next run of resolve_customers carries it out: one id stays and the other leads to it, and golden values, history and
interactions follow. Nothing is lost: suki withdraw takes it back.
"""

import argparse

ROLE = "suki_steward"
"""Who may decide."""

_HOW = "Give two customers, each by its id or by one of its records."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Two customers, who and why."""
    from suki.deciding import who

    parser.add_argument(
        "customers", nargs="+", metavar="CUSTOMER", help="two customers, each by its id, by one of its records or by SOURCE KEY"
    )
    who.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Decide, and say what will come of it."""
    from suki import connections
    from suki.deciding import who
    from suki.explaining.asked import two_named

    (one, other), said = two_named(arguments.customers, _HOW), who.said(arguments)
    with connections.warehouse(ROLE, "keeping a merge") as warehouse:
        from suki.deciding.bench import Bench
        from suki.deciding.words import merged_lines

        told = Bench(warehouse, **said).merge(one, other)
    print("\n".join(merged_lines(told)))
    return 0
