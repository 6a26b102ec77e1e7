"""Propose a new source from a file of its export, or a table: ``suki new-source kiosk --from members.csv`` writes its folder.

It finds out how the file is written, whether its rows are people or events, what its fields mean and how sure that is, and
writes ``include/sources/<name>``: a declaration, an invented sample of the same form, and what becomes of it. A field that is
not sure enough is left to a person, in a comment. No value of the file is printed or kept: fields are shown as masks, and the
sample is made up. The Dag appears by itself.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from suki.proposing.proposal import Column, Proposal

ANYWHERE = True
HEAD = ("name", "owner", "contact", "steward", "channel", "purpose", "country", "mode")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to propose, and from what."""
    parser.add_argument("name", help="the source's name: its folder's, and so its Dag's")
    parser.add_argument(
        "--from", dest="given", required=True, metavar="FILE", help="a file of its export, or an Airflow connection"
    )
    parser.add_argument("--table", help="of a connection to a database: the table or view")
    parser.add_argument("--path", help="of a connection to an API: what it is asked for, as /v1/customers?limit=100")
    parser.add_argument("--schema", help="where the table lies, if not in the login's own schema")
    parser.add_argument("--sheet", help="of a workbook: the sheet to read (default: the first)")
    parser.add_argument("--stream", help="what the stream is called (default: after the file)")
    parser.add_argument(
        "--kind", choices=["customers", "interactions"], help="what its rows are: people, or events (default: as they show)"
    )
    parser.add_argument("--title", help="what people call the source (default: its name)")
    parser.add_argument("--owner", help="who answers for the data")
    parser.add_argument("--contact", help="how to reach them")
    parser.add_argument("--steward", help="who says what a value means")
    parser.add_argument("--channel", help="by which way its people come: store, online, social, service ...")
    parser.add_argument("--purpose", help="the lawful purpose its records are kept for")
    parser.add_argument("--country", help="ISO 3166-1 code of numbers and addresses that name no country")
    parser.add_argument(
        "--mode", choices=["changes", "snapshot"], default="changes",
        help="whether a file holds what changed that day (changes) or everything (snapshot)",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="say what is proposed and write nothing")


def run(arguments: argparse.Namespace) -> int:
    """Propose, write and tell."""
    from include.sources import discovery
    from suki.proposing import asking, folder, sample, tables

    folder.check_given(arguments.name, arguments.stream, arguments.country)
    file = Path(arguments.given)
    table, path = arguments.table, arguments.path
    if path:
        read = asking.read_page(arguments.given, path)
    elif table:
        read = tables.read_table(arguments.given, table, arguments.schema)
    else:
        read = sample.read_sample(file, sheet=arguments.sheet)
    stream = arguments.stream or folder.stream_name_of(Path(table or (path and urlsplit(path).path) or file.name))
    found = _streams(read.columns, stream, arguments.kind)
    print(f"{file.name}: {read.shown}; {len(read.rows):,} rows looked at, {len(read.columns)} fields.")
    if read.unread:
        print(f"{read.unread:,} rows of these cannot be read.")
    for line in _table(found):
        print(line)
    print(_sum(found))
    head: dict[str, Any] = {name: getattr(arguments, name) for name in HEAD}
    head["connection"] = arguments.given if table or path else None
    title = arguments.title or arguments.name.replace("_", " ").capitalize()
    if arguments.dry_run:  # what would be refused is refused
        with TemporaryDirectory() as nowhere:
            folder.write(Path(nowhere) / arguments.name, title, read, found, head)
        return 0
    source = folder.write(discovery.HERE / arguments.name, title, read, found, head)
    print(f"Written: include/sources/{source.name}, with the Dag ingest_{source.name}.")
    if path:
        print("It is switched off until source.yml says how the API is asked for more than this page: docs/sources.md#apis.")
    elif not table:
        print(f"Its files go to {source.name}/<day>/{stream}{read.ending} under the exports root.")
    print(f"Next: read source.yml, then: suki sources check {source.name}")
    return 0


def _streams(columns: "list[tuple[str, list[str]]]", stream: str, kind: str | None) -> "dict[str, Proposal]":
    """What is proposed, by the stream's name: customers, or events and the people in them."""
    from include.errors import DeclarationError
    from suki.proposing.events import propose_events
    from suki.proposing.proposal import propose

    events = propose_events(columns, stream) if kind != "customers" else None
    if events is None and kind == "interactions":
        raise DeclarationError(
            "suki new-source", "--kind", "the rows show no events: no id of their own, no moment, or nobody whose they are",
            ("customers",),
        )  # fmt: skip
    return events or {stream: propose(columns)}


def _table(found: "dict[str, Proposal]") -> list[str]:
    """A line for each field: its name, how its values are built, what it is taken for and why."""
    rows = [("FIELD", "LOOKS LIKE", "TAKEN FOR", "SURE", "WHY")]
    first = next(iter(found.values()))
    for column in first.columns:
        taken, of, in_it = _taken_for(found, column)
        rows.append((column.name, _mask(column), taken, _sure(in_it, of), of.ignored or of.why))
    widths = [min(max(_width(row[n]) for row in rows), 34) for n in range(4)]
    return ["  ".join([*(_padded(row[n], widths[n]) for n in range(4)), row[4]]).rstrip() for row in rows]


def _taken_for(found: "dict[str, Proposal]", column: "Column") -> "tuple[str, Column, Proposal]":
    """What a field is taken for, as which column of which stream."""
    for place, (name, one) in enumerate(found.items()):
        of = next((c for c in one.columns if c.name == column.name), None)
        if of is None:
            continue
        fields = [field for field, columns in one.sources_of.items() if any(c.name == of.name for c in columns)]
        told = "key" if of is one.key else ", ".join(fields) or ("updated_at" if of is one.updated_at else "")
        if told:
            return (told if not place else f"{told} of {name}"), of, one
    first = next(iter(found.values()))
    return "ignored" if column.ignored else "left to you", column, first


def _sure(found: "Proposal", column: "Column") -> str:
    share = found.key_confidence if column is found.key else column.confidence
    return f"{share:.0%}" if share else ""


def _mask(column: "Column") -> str:
    """How most of its values are built."""
    from collections import Counter

    from include.quality.review import mask

    masks = Counter(mask(value) for value in column.filled)
    return min(masks, key=lambda shape: (-masks[shape], shape))[:24] if masks else "(empty)"


def _sum(found: "dict[str, Proposal]") -> str:
    first = next(iter(found.values()))
    taken = len(first.columns) - len(first.left) - len(first.ignored)
    told = f"{taken} fields are mapped, {len(first.ignored)} ignored, {len(first.left)} left to you."
    if first.customer_stream:
        told += f" Its rows are events: they are the stream {', and their people '.join(found)}."
    return told


def _width(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int) -> str:
    while _width(text) > width:
        text = text[:-1]
    return text + " " * (width - _width(text))
