"""Withdraw a decision, a whole merge or split, or a pinned value: the next run goes by the evidence again.

It stays in the ledger with who withdrew it and why.
"""

import argparse

from suki.arguments import uuid

ROLE = "suki_steward"
"""Who may decide."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which one, who and why."""
    from suki.deciding import who

    parser.add_argument(
        "decision",
        type=uuid("a decision", "0b6f5d3e-7a61-4b57-9a0f-3f5d2c8e4b10"),
        help="the id of a decision, of a merge or split for all of it (suki decisions), or of a pin (suki pins)",
    )
    who.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Withdraw."""
    from suki import connections
    from suki.deciding import who

    said = who.said(arguments)
    with connections.warehouse(ROLE, "withdrawing a decision") as warehouse:
        from include.warehouse import decisions, pins
        from suki.deciding.words import unpinned_lines, withdrawn_lines

        decisions.hold(warehouse)
        if pins.is_one(warehouse, arguments.decision):
            lines = unpinned_lines(arguments.decision, pins.withdraw(warehouse, arguments.decision, **said))
        else:
            lines = withdrawn_lines(arguments.decision, decisions.withdraw(warehouse, arguments.decision, **said))
    print("\n".join(lines))
    return 0
