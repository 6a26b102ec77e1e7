"""Decide that two records are one person, or that they are two, whatever their evidence says.

The next run of resolve_customers carries it out, and every later run heeds it: after new deliveries, after a replay, with
another match model. What contradicts an earlier decision is refused, with the chain that does.

A record is named by its id as the warehouse shows it, or by its source and the key it has there; for a key given as - you
are asked.
"""

import argparse

ROLE = "suki_steward"
"""Who may decide."""

_HOW = "Give two records, each by its record id, or by its source and its key there; then same or different."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Two records, the verdict, who and why."""
    from suki.deciding import who

    parser.add_argument("records", nargs="+", metavar="RECORD", help="two records, each as its record id or as SOURCE KEY")
    parser.add_argument("verdict", choices=("same", "different"), help="one person, or two people")
    who.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Decide, and say what will come of it."""
    from suki import connections
    from suki.deciding import who
    from suki.explaining.asked import two_named

    (one, other), said = two_named(arguments.records, _HOW), who.said(arguments)
    with connections.warehouse(ROLE, "keeping a decision") as warehouse:
        from suki.deciding.bench import Bench
        from suki.deciding.words import decided_lines

        told = Bench(warehouse, **said).decide(one, other, "must_link" if arguments.verdict == "same" else "cannot_link")
    print("\n".join(decided_lines(told)))
    return 0
