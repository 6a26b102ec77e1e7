"""The first rows of an export, read by the readers of every source once it is found out what kind of file it is."""

import csv
import io
import json
import re
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from include.errors import DeclarationError
from include.sources import FileDelivery, Stream
from include.sources import paths as raw_paths
from include.sources.readers.copies import extension_of
from include.sources.readers.detecting import DETECT, encoding_of
from include.sources.readers.packed import Unpacked
from include.sources.readers.rows import Unreadable
from include.sources.readers.text import Text
from include.sources.values import as_text
from suki.proposing import unfit

ROWS = 2_000
"""Rows looked at."""

_PACKED = {b"\x1f\x8b": "gz", b"\x28\xb5\x2f\xfd": "zst"}
_HEAD = 1 << 16
_VALUE = re.compile(r"@[^@\s]+\.|\d{5}|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}")
"""What stands in a person's row and never in the name of a field."""


@dataclass
class Sample:
    """The first rows of an export, and how they are to be read.

    Attributes:
        reading: The keys of the stream that say how the file is read: format, encoding, delimiter ...
        shown: The same for people.
        rows: The records.
        columns: Each field's path and its values, row by row.
        unread: Rows that could not be read.
        ending: Of the files of this kind, such as ``.csv.gz``.
    """

    reading: dict[str, Any]
    shown: str
    ending: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    columns: list[tuple[str, list[str]]] = field(default_factory=list)
    unread: int = 0


def read_sample(path: Path, most: int = ROWS, sheet: str | None = None) -> Sample:
    """Find out what kind of file it is and read its first rows.

    Raises:
        DeclarationError: There is no such file, or it is none that the readers know.
        DeliveryRefused: It cannot be read; names the line.
    """
    unfit.refuse(path, sheet)
    packing, ending = _packing(path), _ending(path)
    reading = _form(path, packing) | ({"sheet": sheet} if sheet else {})
    stream = Stream.model_validate({
        "kind": "customers", "files": [{"pattern": f"x{ending}"}], "key": {"value": "1"}, "updated_at": None, "map": {},
        **reading,
        **({"encoding": DETECT} if reading["format"] in ("csv", "json", "jsonl") else {}),
        **({"delimiter": DETECT, "final_newline": False} if reading["format"] == "csv" else {}),
    })  # fmt: skip
    stream.placed("sample", {})
    delivery = FileDelivery(path.name, date(2026, 1, 1), "changes", None, stream, path)
    found = list(islice(delivery, most))
    rows = [dict(row.raw) for row in found if not row.problem]
    encoding, delimiter = _told(delivery.read_as)
    if encoding and encoding.removesuffix("-sig") != "utf-8":
        reading["encoding"] = encoding.removesuffix("-sig")
    if delimiter and delimiter != ",":
        reading["delimiter"] = delimiter
    if reading["format"] == "csv":
        reading |= _habits(path, packing, rows, len(found) < most)
    columns = columns_of(rows, flat=stream.flat)
    if any(_VALUE.search(name) for name, _ in columns):
        raise unfit.unfit(path, "has values where the names of its fields should be", "a file whose first row is a header")
    if not rows or not columns:
        raise unfit.of_no_rows(path, reading["format"], _header(path, packing, reading, delimiter), len(found) - len(rows))
    if stream.flat and (problem := unfit.of_columns(path, [name for name, _ in columns])):
        raise problem
    shown = [
        reading["format"],
        encoding,
        f"{json.dumps(delimiter)} between fields" if delimiter else None,
        packing and f"packed as {packing}",
    ]
    if reading.get("records"):
        shown.append(f"records at {reading['records']}")
    return Sample(reading, ", ".join(part for part in shown if part), ending, rows, columns, len(found) - len(rows))


def _header(path: Path, packing: str | None, reading: dict[str, Any], delimiter: str | None) -> list[str]:
    """The first row that is not blank, of a file whose rows do not fit it."""
    if reading["format"] == "xlsx":
        return next((row for row in unfit.first_rows(path, reading.get("sheet")) if any(row)), [])
    line = next((line for line in _head(path, packing).lstrip("\ufeff").splitlines() if line.strip()), "")
    return next(csv.reader([line], delimiter=delimiter or ","), [])


def _ending(path: Path) -> str:
    return extension_of(path.name)


def _packing(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(4)
    for mark, packing in _PACKED.items():
        if head.startswith(mark):
            return packing
    return "zip" if head.startswith(b"PK\x03\x04") and not _is_workbook(path) else None


def _is_workbook(path: Path) -> bool:
    import zipfile

    try:
        return any(name.startswith("xl/") for name in zipfile.ZipFile(path).namelist())
    except zipfile.BadZipFile:
        return False


def _form(path: Path, packing: str | None) -> dict[str, Any]:
    """Format, and of a JSON document where its records lie."""
    with path.open("rb") as file:
        head = file.read(4)
    ending = _ending(path)
    if head == b"PAR1":
        return {"format": "parquet"}
    if head.startswith(b"PK\x03\x04") and packing is None:
        return {"format": "xlsx"}
    if packing and not ending.endswith(f".{packing}"):
        raise DeclarationError(
            "suki new-source", "--from", f"{path.name} is packed as {packing} and not named so", (f"{path.name}.{packing}",)
        )
    text = _head(path, packing).lstrip("\ufeff \r\n\t")
    if not text.startswith(("{", "[")):
        return {"format": "csv"}
    first, _, rest = text.partition("\n")
    if ending.removesuffix(f".{packing}").lower() in (".jsonl", ".ndjson"):
        return {"format": "jsonl"}
    if _is_object(first) and rest.lstrip().startswith("{"):
        return {"format": "jsonl"}
    return {"format": "json", "records": _records(path, packing)}


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _head(path: Path, packing: str | None) -> str:
    try:
        with closing(_opened(path, packing)) as file:
            encoding = encoding_of(file)
        with closing(Text(_opened(path, packing), encoding).stream) as stream:
            return str(stream.read(_HEAD))
    except Unreadable as error:
        raise unfit.unfit(path, error.what, "csv", "jsonl", "json", "parquet", "xlsx") from None


def _opened(path: Path, packing: str | None) -> io.RawIOBase:
    file = path.open("rb")
    return Unpacked(file, packing) if packing else file  # type: ignore[return-value]


def _records(path: Path, packing: str | None) -> str:
    """Where the first list of objects lies in a document."""
    import ijson

    before = None
    with closing(_opened(path, packing)) as file:
        try:
            for prefix, event, _ in ijson.parse(io.BufferedReader(file) if packing else file):
                if event == "start_map" and before and before[1] == "start_array":
                    return str(before[0])
                before = (prefix, event)
        except ijson.JSONError:
            raise unfit.unfit(path, "is JSON that is cut off or damaged", "a whole document") from None
    raise unfit.unfit(path, "is JSON without a list of records", "a list of objects")


def _told(read_as: str) -> tuple[str | None, str | None]:
    """Encoding and delimiter as the reader says it found them."""
    encoding, _, mark = read_as.partition(", ") if not read_as.startswith('"') else ("", "", read_as)
    return encoding or None, json.loads(mark.removesuffix(" between fields")) if mark else None


def _habits(path: Path, packing: str | None, rows: list[dict[str, Any]], whole: bool) -> dict[str, Any]:
    """What a CSV exporter does: blanks behind its marks, no line end behind the last row."""
    habits: dict[str, Any] = {}
    values = [str(value) for row in rows[:200] for value in list(row.values())[1:] if value]
    if values and sum(value.startswith(" ") for value in values) > len(values) * 0.9:
        habits["space_after_delimiter"] = True
    if packing is None:
        with path.open("rb") as file:
            file.seek(-min(4, path.stat().st_size), 2)
            ended = b"\n" in file.read() or b"\r" in file.read()
    elif whole:
        with closing(_opened(path, packing)) as file:
            tail = b""
            while block := file.read(1 << 20):
                tail = (tail + block)[-4:]
            ended = b"\n" in tail or b"\r" in tail
    else:
        ended = True
    return habits if ended else {**habits, "final_newline": False}


def columns_of(rows: list[dict[str, Any]], flat: bool) -> list[tuple[str, list[str]]]:
    """Each field, in the order in which they turn up, with its text in every row (empty where it has none)."""
    if flat:
        names = list(dict.fromkeys(name for row in rows for name in row))
        return [(name, [(as_text(row.get(name)) or "").strip() for row in rows]) for name in names]
    names = list(dict.fromkeys(leaf for row in rows for leaf, _ in raw_paths.leaves(row)))
    # a record that is empty in one row has members in another: it is no field of its own
    names = [name for name in names if not any(raw_paths.is_under(other, name) and other != name for other in names)]
    return [(name, [_first(row, name) for row in rows]) for name in names]


def _first(row: dict[str, Any], name: str) -> str:
    steps = raw_paths.parse(name, flat=False)
    values = (as_text(value) for value in raw_paths.find(row, steps) if not isinstance(value, dict | list))
    return next((value.strip() for value in values if value and value.strip()), "")
