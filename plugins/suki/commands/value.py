"""Say what a month brought: duplicates removed, customers who can be reached, contacts refreshed, and what that is worth.

Duplicates removed are records that are no customer of their own any more, at the month's end against its beginning. Who can be
reached allows the channel and has a contact point there that is neither stale nor bounced. The unit values are declared in
include/warehouse/value.yml. Counts and sums alone are printed.
"""

import argparse
import json

ROLE = "suki_steward"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A month."""
    parser.add_argument("--month", help="e.g. 2026-08; the one that is running if not given")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Reckon, and tell."""
    from include.warehouse import value
    from suki import connections

    with connections.warehouse(ROLE, "reckoning a month's value") as warehouse:
        found = value.report(warehouse, arguments.month)
    if arguments.json:
        lines = {line.name: {"count": line.count, "unit": str(line.unit), "worth": str(line.worth)} for line in found.lines}
        told = {"month": found.month, "as_of": found.as_of.isoformat(), "currency": found.currency, "lines": lines}
        print(json.dumps({**told, "worth": str(found.worth)}, indent=2))
        return 0
    print(f"{found.month}, as of {found.as_of:%Y-%m-%d %H:%M} UTC")
    for line in found.lines:
        print(
            f"  {line.name.replace('_', ' '):<20}{line.count:>12,}  x {line.unit:>8.2f}  = {line.worth:>14,.2f} {found.currency}"
        )
    print(f"  {'in all':<20}{'':>12}    {'':>8}    {found.worth:>14,.2f} {found.currency}")
    return 0
