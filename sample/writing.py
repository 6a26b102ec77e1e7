"""Spool and files: rows gather in a spool on disk, by file and order, and are then written one file at a time, line by line.

The spool is SQLite from the standard library: the world's size is bound by the disk, not by memory, and the order of the lines by
their keys alone, not by the order in which people were drawn.
"""

import csv
import io
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self


def json_line(value: Mapping[str, object]) -> str:
    """One JSON object as the exports write it: real characters, no blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def csv_line(values: Sequence[object], delimiter: str = ",") -> str:
    """One CSV row without its line end, quoted where needed."""
    buffer = io.StringIO()
    # csv quotes a line break inside a field only if it is one of its own line ends
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerow(["" if value is None else value for value in values])
    return buffer.getvalue().removesuffix("\r\n")


class Spool:
    """Rows waiting for their file."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE line (file TEXT, part TEXT, place TEXT, text TEXT)")
        self._rows: list[tuple[str, str, str, str]] = []

    def add(self, file: str, place: str, text: str, part: str = "") -> None:
        """Keep one row: ``place`` orders it within its file and part."""
        self._rows.append((file, part, place, text))
        if len(self._rows) >= 5000:
            self._flush()

    def _flush(self) -> None:
        self._db.executemany("INSERT INTO line VALUES (?, ?, ?, ?)", self._rows)
        self._rows.clear()

    def seal(self) -> None:
        """Order what was gathered; call once, before reading."""
        self._flush()
        self._db.execute("CREATE INDEX line_order ON line (file, part, place, text)")

    def lines(self, file: str, part: str = "") -> Iterator[str]:
        """The rows of one file and part, in order."""
        query = "SELECT text FROM line WHERE file = ? AND part = ? ORDER BY place, text"
        return (text for (text,) in self._db.execute(query, (file, part)))

    def count(self, file: str, part: str = "") -> int:
        """How many rows a file and part has."""
        (count,) = self._db.execute("SELECT count(*) FROM line WHERE file = ? AND part = ?", (file, part)).fetchone()
        return int(count)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._db.close()


def write_lines(path: Path, lines: Iterable[str], encoding: str = "utf-8", end: str = "\n") -> None:
    """Write a file line by line; UTF-16LE gets its byte order mark."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        if encoding == "utf-16-le":
            file.write("\ufeff")
        for line in lines:
            file.write(line + end)


def write_json(path: Path, lists: Sequence[tuple[str, Iterable[str]]], tail: Mapping[str, object]) -> None:
    """Write one JSON object of lists of ready objects, element by element, then its plain fields."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("{")
        for name, items in lists:
            file.write(f'"{name}":[')
            for i, item in enumerate(items):
                file.write(f"{',' if i else ''}\n{item}")
            file.write("\n],")
        file.write(json_line(tail).removeprefix("{") + "\n")
