"""List what stewards decided, the withdrawn too: of everybody, of one customer, or of one record.

Prints ids, days and verdicts; who decided and why stands beside it with --values alone.
"""

import argparse
import json
import sys

ROLE = "suki_steward"
"""Who may see what was decided."""

_HOW = "Give one customer or one record, by its id or by its source and its key there."
_WORDS = ("actor", "reason", "withdrawn_by", "withdrawn_because")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Of whom, and how to tell it."""
    parser.add_argument("--of", nargs="+", metavar="ID", help="a customer or a record, by its id or as SOURCE KEY")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--values", action="store_true", help="show who decided and why, on a terminal only")
    shown.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Look them up."""
    from suki import connections
    from suki.explaining.asked import named
    from suki.explaining.values import only_on_a_terminal

    if arguments.values:
        only_on_a_terminal("--values", sys.stdout, shows="people's names and words")
    things = named(arguments.of, most=1, how=_HOW) if arguments.of else []
    with connections.warehouse(ROLE, "reading the decisions") as warehouse:
        from include.warehouse import decisions
        from suki.deciding.listing import records_of
        from suki.deciding.words import ledger_lines

        rows = decisions.decided(warehouse, records_of(warehouse, things[0]) if things else None)
    if arguments.json:
        kept = [{name: value for name, value in row.items() if name not in _WORDS} for row in rows]
        print(json.dumps(kept, indent=2, default=lambda moment: moment.isoformat()))
    else:
        print("\n".join(ledger_lines(rows, arguments.values)))
    return 0
