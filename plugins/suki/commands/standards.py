"""See what changed declarations would change, and approve them.

How a source is read is decided by its mapping, the cleaning standard, the cleaners and what was learned of its stores. When one
of them changes, the next ingest run holds it against a sample of what landed before it reads anything by it. list shows what
was measured and who approved; approve lets one take effect that would change much, given by somebody who does not own it.

Which values are golden is decided by the survivorship and by how far each source is trusted: `survivorship` in a source's place.
"""

import argparse
import json
from collections.abc import Mapping
from typing import Any

from include.errors import SukiError

ROLE = "suki_steward"
"""Who decides."""


class NoReason(SukiError):
    """A decision without a reason is none."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is to be done, and with which source."""
    from suki.deciding import who

    doing = parser.add_subparsers(dest="doing", metavar="list|approve", required=True)
    listed = doing.add_parser("list", help="what changed readings would change, the latest first")
    listed.add_argument("--json", action="store_true", help="print JSON for machines")
    approved = doing.add_parser("approve", help="let the changed reading of a source take effect, or a changed survivorship")
    approved.add_argument("source", help="the source, by its folder's name; or: survivorship")
    who.add_actor(approved)
    approved.add_argument("--why", required=True, help="why, for whoever asks later")


def run(arguments: argparse.Namespace) -> int:
    """Ask the warehouse, or tell it."""
    from include.warehouse import beliefs, readings
    from suki import connections
    from suki.deciding import who

    if arguments.doing == "approve":
        if not arguments.why.strip():
            raise NoReason("--why must say something.")
        actor, why = who.actor(arguments).strip(), arguments.why.strip()
        if arguments.source == beliefs.NAME:
            with connections.warehouse(ROLE, "approving a changed survivorship") as warehouse:
                beliefs.approve(warehouse, actor=actor, why=why)
            print("Approved. The next run of resolve_customers chooses every customer's values by it.")
            return 0
        with connections.warehouse(ROLE, "approving a changed reading") as warehouse:
            readings.approve(warehouse, arguments.source, actor=actor, why=why)
        print(f"Approved. Clear the failed task `clean` of ingest_{arguments.source}, or wait for its next run.")
        return 0
    with connections.warehouse(ROLE, "reading changed declarations") as warehouse:
        found, believed = readings.listed(warehouse), beliefs.listed(warehouse)
    if arguments.json:
        chosen = [
            {"source": beliefs.NAME, **{name: told for name, told in one.items() if name != "declared"}} for one in believed
        ]
        print(json.dumps([*found, *chosen], default=str))
        return 0
    for one in believed:
        print(_headline(beliefs.NAME, one, "takes effect with the next publication" if one["in_force_since"] is None else _TOOK))
        print(f"  of {', '.join(one['owners'])}")
        print(f"  of {one['sampled']:,} customers sampled {one['differing']:,} would get another value")
        for name, count in sorted(one["report"].get("fields", {}).items(), key=lambda field: -field[1]):
            print(f"    {name}: {count:,}")
    for one in found:
        print(_headline(one["source"], one, _TOOK))
        print(f"  mapping of {one['source_owner']}, standard {one['standards_version']} of {one['standards_owner']}")
        print(f"  of {one['sampled']:,} rows sampled {one['differing']:,} would be read otherwise")
        for sentence in one["report"]["sentences"][1:]:
            print(f"    {sentence}")
    if not found and not believed:
        print("No reading and no survivorship was changed yet.")
    return 0


_TOOK = "took effect"


def _headline(name: str, one: Mapping[str, Any], allowed: str) -> str:
    """When it was measured, whose it is, and whether it counts: what it does once nobody has to approve it any more."""
    state = "waits for an approval" if one["asks"] and not one["approved_by"] else allowed
    by = f", approved by {one['approved_by']}: {one['why']}" if one["approved_by"] else ""
    return f"{one['recorded_at']:%Y-%m-%d %H:%M}  {name}: {state}{by}"
