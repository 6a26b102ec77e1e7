"""The folder of a new source: its declaration with how sure each line is, an invented sample, what becomes of it."""

import csv
import gzip
import io
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import yaml

from include.batch import Window
from include.cleaning.countries import clean_country
from include.errors import DeclarationError
from include.sources import Delivery, Source, Stream, map_rows, read
from include.sources.checks import NAME
from include.sources.discovery import load
from suki.proposing import UNDECIDED
from suki.proposing.asking import Kept, document
from suki.proposing.inventing import Inventor
from suki.proposing.proposal import Column, Proposal
from suki.proposing.sample import Sample
from suki.proposing.tables import statements

SAMPLE_ROWS = 5
_DAY = "2026-08-03"
_WIDTH = 62


def stream_name_of(path: Path) -> str:
    """What a stream is called after a file: its name without dates and numbers."""
    stem = re.sub(r"[^a-z]+", "_", path.name.partition(".")[0].lower()).strip("_")
    return stem or "records"


def check_given(name: str, stream: str | None, country: str | None) -> None:
    """See that a source and its stream can be called so, and that its country is one.

    Raises:
        DeclarationError: One of them is none.
    """
    if not NAME.fullmatch(name):
        raise DeclarationError("suki new-source", "name", f"'{name}' cannot name a Dag", ("small letters, digits and _",))
    if stream is not None and not NAME.fullmatch(stream):
        raise DeclarationError(
            "suki new-source", "--stream", f"'{stream}' cannot name a stream", ("small letters, digits and _",)
        )
    if country and re.fullmatch(r"[A-Z]{2}", country):  # of another form its declaration is refused
        found = clean_country(country).value
        if found != country:
            valid = found or "ISO 3166-1 codes, such as PH"
            raise DeclarationError("suki new-source", "--country", f"'{country}' is no country", (valid,))


def write(folder: Path, title: str, sample: Sample, streams: dict[str, Proposal], head: dict[str, Any]) -> Source:
    """Write the folder and read it again as every other source is read.

    Args:
        folder: It must not be there yet.
        title: What people call the source.
        sample: How its files are read, and the first rows.
        streams: What the fields are by the stream's name; the first names the files. All are of the same rows.
        head: Keys of the source a person gave; what is missing is ``undecided``.

    Raises:
        DeclarationError: The folder is there, or cannot be written, or what a person gave cannot be declared.
    """
    if folder.exists():
        raise DeclarationError("suki new-source", "name", f"include/sources has a folder {folder.name}", ("another name",))
    file = f"{next(iter(streams))}{sample.ending}"
    try:
        (folder / "sample" / _DAY).mkdir(parents=True)
        (folder / "expected").mkdir()
        (folder / "source.yml").write_text(_declaration(title, file, sample, streams, head), encoding="utf-8")
        (folder / "sample" / _DAY / file).write_bytes(_packed(_invented(sample, streams), sample, file))
    except OSError as error:
        raise DeclarationError(
            "suki new-source", str(folder), f"cannot be written ({error.strerror})", ("a clone of the project",)
        ) from None
    try:
        source = load(folder)
    except DeclarationError:  # what was asked for is none: half a source must not stay
        shutil.rmtree(folder)
        raise
    for stream in streams:
        lines = (json.dumps(row, ensure_ascii=False) for row in _mapped(source, source.streams[stream]))
        (folder / "expected" / f"{stream}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return source


# --- the declaration ---


def _declaration(title: str, file: str, sample: Sample, streams: dict[str, Proposal], head: dict[str, Any]) -> str:
    lines = [
        "# Proposed by `suki new-source` from a sample of the export. A line with a share was found, not told: read it.",
        f"# `suki sources check {head['name']}` says what is left to decide; docs/sources.md explains every key.",
        f"title: {_plain(title)}",
        f"description: {_plain(f'{title}: proposed from an export; say here what it is and who fills it.')}",
    ]
    lines += [_with(f"{key}: {_plain(head.get(key) or UNDECIDED)}", why) for key, why in (
        ("owner", "who answers for the data"), ("contact", "how to reach them"),
        ("steward", "who says what a value means"), ("purpose", "why we may keep these records"),
    )]  # fmt: skip
    lines += [
        _with(f"channel: {_plain(head.get('channel'))}", "by which way its people come: store, online, social, service ..."),
        _with("lawful_basis: null", "consent, contract, legitimate_interest or legal_obligation"),
        _with('schedule: "0 0 * * *"', "when its Dag runs, UTC"),
        _with("freshness_hours: null", "promised: hours after its day ended until its rows are in the warehouse"),
    ]
    lines += [
        _with(f"default_country: {_plain(head.get('country'))}", "of numbers and addresses that name none"),
        *([f"connection: {_plain(head['connection'])}"] if head.get("connection") else []),
        *([_with("enabled: false", "true once it says how the list goes on")] if "request" in sample.reading else []),
        _with("trust: {default: 0.5}", "against other sources, from 0 to 1"),
        "", "streams:",
    ]  # fmt: skip
    for place, (stream, proposal) in enumerate(streams.items()):
        lines += [*([""] if place else []), *_stream(stream, file, sample, proposal, head)]
    return "\n".join(lines) + "\n"


def _stream(stream: str, file: str, sample: Sample, proposal: Proposal, head: dict[str, Any]) -> list[str]:
    lines = [f"  {stream}:", f"    kind: {proposal.kind}", *_read_from(file, sample, proposal, head)]
    key = proposal.key or proposal.columns[0]
    sure = (
        f"{proposal.key_confidence:.0%} sure: {key.why}"
        if proposal.key
        else "NO FIELD IS UNIQUE: say what tells its records apart"
    )
    lines.append(_with(f"    key: {_plain(key.name)}", sure))
    if proposal.note and proposal.kind == "customers":
        lines.append(_with("    repeats: true", "one row an event: who comes again stands in it again"))
    elif proposal.key is None or not key.unique:
        lines.append(_with("    repeats: true", "the sample holds a key more than once"))
    clock = proposal.updated_at
    lines.append(
        _with(f"    updated_at: {_plain(clock.name)}", f"{clock.confidence:.0%} sure: {clock.why}")
        if clock
        else _with("    updated_at: null", "no clock of its own was found: the delivery's date counts")
    )
    lines.append(_with("    timezone: UTC", "of times that name no zone"))
    if proposal.date_order:
        lines.append(_with(f"    date_order: {proposal.date_order}", "as its dates show"))
    lines.append(_with("    volume: null", "rows a day, such as {least: 1, most: 5000}; outside of that the gate closes"))
    if proposal.customer_stream:
        lines.append(_with(f"    customer_stream: {proposal.customer_stream}", "its people: whose key customer_key is"))
    if proposal.constants:
        told = f"    constants: {_plain(proposal.constants)}"
        lines.append(_with(told, "what its rows are, by their names: order, receipt, payment, visit, ticket ..."))
    lines.append("    map:" if proposal.mapping else "    map: {}")
    for field, mapping in proposal.mapping.items():
        columns = proposal.sources_of[field]
        share = min(column.confidence for column in columns)
        why = "; ".join(dict.fromkeys(column.why for column in columns))
        lines.append(_with(f"      {field}: {_plain(mapping)}", f"{share:.0%} sure: {why}"))
    ignored = _ignored(proposal)
    if ignored:
        lines.append("    ignore:")
        lines += [_with(f"      - {_plain(name)}", why) for name, why in ignored.items()]
    if proposal.left:
        lines += ["    # Left to you: map each under map, or name it under ignore."]
        lines += [f"    #   {_plain(column.name)}: {_guess(column)}" for column in proposal.left]
    return lines


def _read_from(file: str, sample: Sample, proposal: Proposal, head: dict[str, Any]) -> list[str]:
    """Where its rows lie and how they are read."""
    lines = []
    if "format" in sample.reading:
        lines += [
            "    files:",
            f'      - pattern: "{{date:%Y-%m-%d}}/{file}"',
            *(
                []
                if proposal.customer_stream or proposal.note
                else [
                    _with(f"        mode: {head['mode']}", "snapshot: the whole list, who is missing has left it"),
                ]
            ),
        ]
    lines += [f"    {key}: {_plain(value)}" for key, value in sample.reading.items()]
    if "request" in sample.reading:
        lines.append(
            "    # Left to you: request.pages, how a long list is given, and request.since, how to ask for what changed."
        )
    return lines


def _ignored(proposal: Proposal) -> dict[str, str]:
    """What is left out on purpose, and why: of no use here, or taken by another stream of the same rows."""
    used = {column.name for columns in proposal.sources_of.values() for column in columns}
    used |= {column.name for column in (proposal.key, proposal.updated_at) if column}
    found = {column.name: str(column.ignored) for column in proposal.ignored}
    return found | {name: proposal.note for name in proposal.beside if name not in used}


def _guess(column: Column) -> str:
    if not column.role or column.role.startswith("-"):
        return column.why
    return f"perhaps {NAMES.get(column.role, column.role)} ({column.confidence:.0%} sure: {column.why})"


NAMES = {
    "id": "an external id",
    "house": "part of address_line",
    "street": "address_line",
    "unit": "part of address_line",
    "district": "part of address_line",
    "postcode_city": "postcode and city",
    "consent": "email_consent",
    "consent_at": "email_consent_at",
    "name": "full_name",
    "second_family": "family_name",
    "family_prefix": "family_name",
    "tax_id": "external_ids",
}
"""What a role is called in a declaration, where it is no canonical field itself."""


def _with(line: str, comment: str) -> str:
    return f"{line:<{_WIDTH}}  # {' '.join(comment.split())}"


def _plain(value: Any) -> str:
    """A value on one line of YAML."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...").strip()


# --- the sample ---


def _invented(sample: Sample, streams: dict[str, Proposal]) -> list[dict[str, Any]]:
    """A few rows, those that show the most fields, with invented values."""
    seen: set[str] = set()
    chosen: list[int] = []
    filled = [{name for name, values in sample.columns if values[n]} for n in range(len(sample.rows))]
    for _ in range(min(SAMPLE_ROWS, len(filled))):
        best = max((n for n in range(len(filled)) if n not in chosen), key=lambda n: (len(filled[n] - seen), len(filled[n]), -n))
        chosen.append(best)
        seen |= filled[best]
    keys = {proposal.key.name for proposal in streams.values() if proposal.key}
    roles: dict[str, str] = {}
    for proposal in reversed(streams.values()):
        roles |= {column.name: column.role for column in proposal.columns if column.role or column.name not in roles}
    inventors = {name: Inventor(roles[name], values, name in keys) for name, values in sample.columns if name in roles}
    flat = sample.reading.get("format") in ("csv", "xlsx")
    rows = []
    for number, at in enumerate(sorted(chosen), 1):
        row = sample.rows[at]
        if flat:
            rows.append({name: _scalar(value, inventors.get(name), number) for name, value in row.items()})
        else:
            rows.append(_nested(row, "", inventors, number))
    return rows


def _nested(node: Any, at: str, inventors: dict[str, Inventor], number: int) -> Any:
    if isinstance(node, dict):
        return {
            name: _nested(
                child, f"{at}.{name.replace('.', chr(92) + '.')}" if at else name.replace(".", r"\."), inventors, number
            )
            for name, child in node.items()
        }
    if isinstance(node, list):
        return [_nested(item, f"{at}[]", inventors, number) for item in node[:2]]
    return _scalar(node, inventors.get(at), number)


def _scalar(value: Any, inventor: Inventor | None, number: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    invented = (inventor or Inventor("", [])).instead_of(str(value), number)
    if isinstance(value, int | float):
        try:
            return type(value)(invented)
        except ValueError:
            return number
    return invented


def _packed(rows: list[dict[str, Any]], sample: Sample, file: str) -> bytes:
    data = _written(rows, sample)
    packing = file.rpartition(".")[2]
    if packing == "gz":
        return gzip.compress(data, mtime=0)
    if packing == "zst":
        return _zstd(data)
    if packing == "zip":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo(file.removesuffix(".zip")), data)
        return buffer.getvalue()
    return data


def _zstd(data: bytes) -> bytes:
    import pyarrow as pa

    buffer = io.BytesIO()
    with pa.CompressedOutputStream(buffer, "zstd") as stream:
        stream.write(data)
    return buffer.getvalue()


def _written(rows: list[dict[str, Any]], sample: Sample) -> bytes:
    reading = sample.reading
    if "table" in reading:
        return statements(rows, reading["table"]["name"])
    if "request" in reading:
        return document(rows, reading["request"].get("records", "")).encode()
    encoding = reading.get("encoding", "utf-8")
    if reading["format"] == "csv":
        text = io.StringIO(newline="")
        columns = [name for name, _ in sample.columns]
        writer = csv.writer(text, delimiter=reading.get("delimiter", ","), lineterminator="\n")
        writer.writerow(["" if re.fullmatch(r"#\d+", name) else re.sub(r"#\d+$", "", name) for name in columns])
        writer.writerows([row.get(name) for name in columns] for row in rows)
        return text.getvalue().encode(encoding, "replace")
    if reading["format"] == "jsonl":
        return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode(encoding, "replace")
    if reading["format"] == "json":
        return document(rows, reading["records"]).encode(encoding, "replace")
    return _table(rows, reading["format"], reading.get("sheet"))


def _table(rows: list[dict[str, Any]], form: str, named: str | None) -> bytes:
    buffer = io.BytesIO()
    if form == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist(rows), buffer)
        return buffer.getvalue()
    import openpyxl

    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = named or sheet.title
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(buffer)
    return buffer.getvalue()


# --- what becomes of it ---


def _mapped(source: Source, stream: Stream) -> Iterator[dict[str, Any]]:
    """The sample's rows once mapped, with the source's own key in the record id's place, without what is empty."""
    import pandas as pd

    from suki.landed import landed_row

    day = date.fromisoformat(_DAY)
    root = _Root(source.folder / "sample", source.name)
    window = Window.parse(_DAY, (day + timedelta(days=1)).isoformat())
    with ExitStack() as opened:
        if stream.request:
            deliveries: Iterable[Delivery] = _of_answer(source, stream, window)
        else:
            deliveries = _of_statements(source, stream, window, opened) if stream.table else read(source, stream, window, root)
        rows = [landed_row(delivery, row, stream) for delivery in deliveries for row in delivery]
    landed = pd.DataFrame(rows, dtype=object)
    landed["record_id"] = landed["source_key"]
    mapped, _ = map_rows(landed, source, stream)
    yield from _told(mapped.to_dict("records"))


def _of_answer(source: Source, stream: Stream, window: Window) -> Iterable[Delivery]:
    """What the API gives if it answers as the sample does."""
    from include.sources.readers import api

    answers = Kept(source.folder / "sample" / _DAY / f"{next(iter(source.streams))}.json")
    return api.read(source, stream, window, cast("Any", answers), None)


def _of_statements(source: Source, stream: Stream, window: Window, opened: ExitStack) -> Iterable[Delivery]:
    """What the table gives once the sample's statements have made it, in a database that vanishes."""
    import sqlite3

    from sqlalchemy import URL

    from include.sources.readers import sql

    file = Path(opened.enter_context(tempfile.TemporaryDirectory())) / "sample.db"
    with closing(sqlite3.connect(file)) as made:
        for text in sorted((source.folder / "sample" / _DAY).glob("*.sql")):
            made.executescript(text.read_text(encoding="utf-8"))
    return sql.read(source, stream, window, sql.engine(URL.create("sqlite", database=str(file)), str(source.connection)), None)


def _told(rows: Iterable[dict[Any, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        row["delivered_on"], row["source_updated_at"] = row["delivered_on"].isoformat(), row["source_updated_at"].isoformat()
        yield {name: value for name, value in row.items() if value is not None and value != []}


class _Root:
    """A folder of samples in the place of an exports root, where a source's folder bears its name."""

    def __init__(self, sample: Path, source: str) -> None:
        self._sample, self._source = sample, source

    def exists(self) -> bool:
        return self._sample.exists()

    def __truediv__(self, name: str) -> Path:
        return self._sample if name == self._source else self._sample / name
