"""Look at the rows that gates set aside, have them run again, or give them up.

list counts them by reason, show tells of single rows. release marks rows to be run again: the Dag replay_quarantine takes
them, and they leave when they pass. discard gives rows up for good; they stay readable, with who did it and why.

Rows are chosen by --source, --stream, --stage and --reason, or by their ids. Names, places and counts are printed, and of
what a row says its shape alone, but with --values.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from include.errors import SukiError
from suki.arguments import uuid, whole_number

if TYPE_CHECKING:
    from include.warehouse.quarantine import Which

ROLE = "suki_steward"
"""Who may look at people, and who decides."""

_ROW = uuid("a row's", "da10c828-3b67-5938-9c25-72da76a56b72")
_NEXT = "Run them with: airflow dags trigger replay_quarantine (make airflow ARGS='dags trigger replay_quarantine')"


class Unclear(SukiError):
    """What was asked for cannot be done: the sentence says what is missing."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is to be done, and with which rows."""
    from suki.deciding import who

    doing = parser.add_subparsers(dest="doing", metavar="list|show|release|discard", required=True)
    listed = doing.add_parser("list", help="how many rows wait, of which source and for which reasons, since when")
    shown = doing.add_parser("show", help="single rows: where they stood, why they wait, what became of them")
    released = doing.add_parser("release", help="mark rows to be run again")
    discarded = doing.add_parser("discard", help="give rows up for good")
    for one in (listed, shown, released, discarded):
        one.add_argument("--source", help="rows of this source")
        one.add_argument("--stream", help="rows of this stream")
        one.add_argument("--stage", choices=("landed", "mapped", "cleaned"), help="rows that a gate refused at this stage")
        one.add_argument("--reason", help="rows that failed this expectation")
    for one in (shown, released, discarded):
        one.add_argument("ids", nargs="*", type=_ROW, metavar="ID", help="rows by their ids in the quarantine")
    for one in (listed, shown):
        one.add_argument("--gone", action="store_true", help="those too that were replayed or discarded")
        one.add_argument("--json", action="store_true", help="print JSON for machines")
    shown.add_argument("--limit", type=whole_number, default=20, metavar="N", help="how many rows at most (20)")
    shown.add_argument("--values", action="store_true", help="show what the rows say, on a terminal only")
    for one in (released, discarded):
        who.add_actor(one)
        one.add_argument("--why", required=True, help="why, for whoever asks later")


def run(arguments: argparse.Namespace) -> int:
    """Ask the warehouse, or tell it."""
    from include.warehouse import quarantine

    gone = getattr(arguments, "gone", False)
    which = quarantine.Which(
        arguments.source, arguments.stream, arguments.stage, arguments.reason, getattr(arguments, "ids", None) or None,
        (*quarantine.OPEN, "replayed", "discarded") if gone else quarantine.OPEN,
    )  # fmt: skip
    if arguments.doing == "list":
        return _list(which, arguments)
    return _show(which, arguments) if arguments.doing == "show" else _decide(which, arguments)


def _list(which: "Which", arguments: argparse.Namespace) -> int:
    from include.warehouse import quarantine
    from suki import connections

    with connections.warehouse(ROLE, "counting the quarantine") as warehouse:
        found = quarantine.groups(warehouse, which)
    if arguments.json:
        print(json.dumps(found.to_dict("records"), default=str))
        return 0
    if found.empty:
        asked = arguments.source or arguments.stream or arguments.stage or arguments.reason
        print(f"No {'such ' if asked else ''}row waits in the quarantine.")
        return 0
    table: list[tuple[str, ...]] = [("rows", "oldest", "of", "stage", "state", "reasons", "first in")]
    table += [
        (f"{row['rows']:,}", _age(row["oldest"]), f"{row['source']}.{row['stream']}", row["stage"], row["state"],
         ", ".join(row["reasons"]), row["first_file"])
        for row in found.to_dict("records")
    ]  # fmt: skip
    _print(table)
    return 0


def _show(which: "Which", arguments: argparse.Namespace) -> int:
    from include.warehouse import quarantine
    from suki import connections
    from suki.explaining.values import only_on_a_terminal

    if arguments.values:
        only_on_a_terminal("--values", sys.stdout)
    with connections.warehouse(ROLE, "reading the quarantine") as warehouse:
        rows = quarantine.rows_like(warehouse, which, arguments.limit).to_dict("records")
        past = quarantine.events(warehouse, [row["quarantine_id"] for row in rows]).to_dict("records")
    told = [{**_place(row), "fields": _said(row["row"], values=arguments.values)} for row in rows]
    for row in told:
        row["history"] = [_event(event) for event in past if event["quarantine_id"] == row["quarantine_id"]]
    if arguments.json:
        print(json.dumps(told, ensure_ascii=False))
        return 0
    for row in told:
        reasons = ", ".join(row["reasons"])
        print(f"{row['quarantine_id']}  {row['state']} for {row['age']}: {reasons}")
        print(f"  {row['source']}.{row['stream']}, {row['stage']}, {row['file']}:{row['position']}, run {row['run_id']}")
        print(f"  landing {row['manifest_id']}")
        for event in row["history"]:
            print(f"  {event}")
        for field, value in row["fields"].items():
            print(f"    {field:16}  {value}")
    if len(rows) == arguments.limit:
        print(f"These are the oldest {arguments.limit}; --limit shows more.")
    if not rows:
        print("No such row waits in the quarantine.")
    return 0


def _decide(which: "Which", arguments: argparse.Namespace) -> int:
    from include.warehouse import quarantine
    from suki import connections
    from suki.deciding import who

    if not (which.ids or which.source or which.reason):
        raise Unclear("Say which rows: by their ids, or by --source or --reason. `suki quarantine list` shows them.")
    if not arguments.why.strip():
        raise Unclear("--why must say something.")
    release = arguments.doing == "release"
    with connections.warehouse(ROLE, "deciding on the quarantine") as warehouse:
        rows = quarantine.decide(
            warehouse,
            which,
            state="released" if release else "discarded",
            actor=who.actor(arguments).strip(),
            why=arguments.why.strip(),
        )
    if not rows:
        print("No such row waits in the quarantine.")
        return 1
    said = f"{rows:,} {'row is' if rows == 1 else 'rows are'}"
    print(f"{said} released. {_NEXT}" if release else f"{said} discarded; they stay readable with show --gone.")
    return 0


def _place(row: Mapping[Any, Any]) -> dict[str, Any]:
    names = (
        "quarantine_id", "source", "stream", "stage", "state", "reasons", "record_id", "manifest_id", "file", "position",
        "run_id",
    )  # fmt: skip
    return {**{name: row[name] for name in names}, "age": _age(row["set_aside_at"])}


def _event(event: Mapping[Any, Any]) -> str:
    from suki.explaining.values import plain

    when = f"{event['recorded_at']:%Y-%m-%d %H:%M}"
    if event["actor"]:
        return f"{when} {event['state']} by {plain(event['actor'])}: {plain(event['why'])}"
    again = f" again at {event['stage']}: {', '.join(event['reasons'])}" if event["state"] == "waiting" else ""
    return f"{when} {event['state']}{again} by run {event['run_id']}"


_OF_THE_PLACE = frozenset({"record_id", "file", "position", "delivered_on", "source_key"})


def _said(row: dict[str, Any] | None, *, values: bool) -> dict[str, str]:
    """What a row says, field by field: shapes, or the values. Why it cannot be read is our own word, and told as it is."""
    from include.quality.review import mask
    from include.sources import PROBLEMS
    from suki.explaining.values import plain

    content = dict(row or {})
    problem = content.pop("problem", None)
    try:
        raw = json.loads(content.pop("raw", "{}"))
    except (TypeError, ValueError):
        raw = {}
    told = {**content, **(raw if isinstance(raw, dict) else {"raw": raw})}
    shown = {"problem": PROBLEMS[problem]} if problem else {}
    for field, value in told.items():
        if value in (None, "", [], {}) or (field in _OF_THE_PLACE and not values):
            continue
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        # a key that a cut line or a wrong header brought about may itself be somebody's value
        shown[plain(field) if values or field.isidentifier() else mask(field)] = plain(text) if values else mask(text)
    return shown


def _age(since: datetime) -> str:
    waited = datetime.now(UTC) - since
    return f"{waited.days} d" if waited.days else f"{waited.seconds // 3600} h" if waited.seconds >= 3600 else "under 1 h"


def _print(table: list[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
