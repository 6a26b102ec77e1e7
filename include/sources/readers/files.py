"""Which files a window asks for, and how one of them is read: streaming, hashed, refused whole if it does not reach its end."""

import errno
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from include.batch import Window
from include.errors import DeliveryRefused, SourceUnavailable
from include.sources.declaration import DATE, FILE, SCOPE, FilePattern, Source, Stream
from include.sources.readers import delimited, json_document, json_lines, parquet, spreadsheet
from include.sources.readers.columns import Piece, in_lists, rows_of
from include.sources.readers.copies import COPY, extension_of
from include.sources.readers.detecting import DETECT, delimiter_of, encoding_of
from include.sources.readers.packed import Unpacked, packing_of
from include.sources.readers.rows import RawRow, Unreadable
from include.sources.readers.text import HashedFile, Text, no_page


@dataclass
class FileDelivery:
    """One delivered file. Iterate it for its rows; after that its hash and count are known.

    Attributes:
        file: Its path relative to the exports root.
        delivered_on: The date it is delivered for.
        mode: ``changes`` or ``snapshot``.
        scope: The part of the source it comes from, e.g. a store; None if the source has none.
        refused: Why nothing of it is taken, e.g. a complete file was sent later; then it has no rows.
        sha256: Of the file's bytes, once read.
        rows: Rows given, those that could not be read included, once read.
        read_as: What nobody declared and the file showed, once read, e.g. ``cp1252, ";" between fields``; else empty.
    """

    file: str
    delivered_on: date
    mode: Literal["changes", "snapshot"]
    scope: str | None
    stream: Stream = field(repr=False)
    path: Any = field(repr=False)
    refused: str | None = None
    sha256: str = ""
    rows: int = 0
    read_as: str = ""

    def __iter__(self) -> Iterator[RawRow]:
        """Rows in the file's order; raises what ``pieces`` does."""
        return rows_of(self.pieces())

    def pieces(self) -> Iterator[Piece]:
        """The same, many rows at once where the format allows it.

        Raises:
            DeliveryRefused: The file cannot be read to its end; what was given so far must not be kept.
        """
        try:
            yield from self._pieces()
        except Unreadable as error:
            raise DeliveryRefused(
                f"{self.file}, line {error.line}: {error.what}. Nothing of it is taken; send it again whole"
            ) from None
        except OSError as error:
            if (what := _no_file(error)) is None:
                raise
            raise SourceUnavailable(f"{self.file} {what}") from None

    def _pieces(self) -> Iterator[Piece]:
        self.rows = 0
        with closing(HashedFile(self.path.open("rb"))) as file, ExitStack() as opened:
            if not self.refused:
                for piece in self._read(file, opened):
                    self.rows += len(piece)
                    yield piece
            self.sha256 = file.hexdigest()

    def _read(self, file: HashedFile, opened: ExitStack) -> Iterator[Piece]:
        """What is in the file. What can only be read by jumping about is opened once more."""
        if self.stream.format in ("parquet", "xlsx"):
            return self._jumping(opened.enter_context(closing(self.path.open("rb"))))
        encoding = self._encoding()
        text = Text(file if self.packing is None else self._unpacked(file, self.packing), encoding)
        opened.callback(text.stream.close)  # and so it is held: when it goes, it closes the file
        return self._format(text, encoding)

    def _jumping(self, file: Any) -> Iterator[Piece]:
        try:
            if self.stream.format == "parquet":
                yield from parquet.pieces(file, self.stream)
            else:
                yield from in_lists(spreadsheet.rows(file, self.stream))
        except Unreadable:
            file.seek(0)
            no_page(file.read(512).decode("utf-8", "replace"))
            raise

    def _format(self, text: Text, encoding: str) -> Iterator[Piece]:
        if self.stream.format == "csv":
            return delimited.pieces(text, self.stream, self._delimiter(text))
        if self.stream.format == "jsonl":
            return in_lists(json_lines.rows(text, self.stream))
        return in_lists(json_document.rows(text, self.stream, lambda: Text(self._again(), encoding)))

    @property
    def packing(self) -> str | None:
        """How it is packed, by its name."""
        return packing_of(self.file) if self.stream.format not in ("parquet", "xlsx") else None

    def _unpacked(self, file: HashedFile, packing: str) -> Unpacked:
        return Unpacked(file if packing != "zip" else self.path.open("rb"), packing)

    def _again(self) -> HashedFile | Unpacked:
        """What is in the file, from its start."""
        file = self.path.open("rb")
        return HashedFile(file) if self.packing is None else Unpacked(file, self.packing)

    def _encoding(self) -> str:
        if self.stream.encoding != DETECT:
            return self.stream.encoding
        try:
            with closing(self._again()) as file:
                found = encoding_of(file)
        except Unreadable as error:
            raise Unreadable(error.what, error.line or 1) from None
        self.read_as = found
        return found

    def _delimiter(self, text: Text) -> str:
        if self.stream.delimiter != DETECT:
            return self.stream.delimiter
        found = delimiter_of(text.head, self.stream.columns())
        self.read_as = ", ".join(part for part in (self.read_as, f"{json.dumps(found)} between fields") if part)
        return found

    def fault(self) -> str | None:
        """Read it once to its end and say why it cannot be, or None."""
        try:
            for _ in self._pieces():
                pass
        except Unreadable as error:
            return f"line {error.line}: {error.what}"
        return None


def _no_file(error: OSError) -> str | None:
    """What lies in a file's place, if the error says that; anything else is the store's own trouble."""
    here = "Put the file itself there"
    code = errno.ENOENT if isinstance(error, FileNotFoundError) else error.errno  # a store's has no number
    return {
        errno.EISDIR: f"is a folder and no file. {here}",
        errno.ELOOP: f"is a link that leads to itself. {here}",
        errno.ENOENT: f"was listed and is not there: a link to nothing, or moved away while it was read. {here}",
        errno.EACCES: "may not be read by the account the workers run under. Give it the right to read the file",
    }.get(code or 0)


def read(source: Source, stream: Stream, window: Window, root: Any) -> Iterator[FileDelivery]:
    """What a source delivered in a window, by date, then scope, then file name; a standing file comes with the last day.

    A file sent again (``customers.r2.jsonl`` beside ``customers.jsonl``) takes the place of the one before; the last complete one
    stands and the others come as refused deliveries.

    Args:
        source: Whose.
        stream: Which of its streams.
        window: Takes the dates d with start <= d 00:00 UTC < end.
        root: The exports root: anything with ``/``, ``exists()``, ``iterdir()``, ``open("rb")`` and ``name``.

    Raises:
        SourceUnavailable: A file is not there (yet); checked for the whole window before the first row is given.
        DeliveryRefused: A file of an undeclared scope lies there, or no complete copy of a file.
    """
    if not root.exists():
        raise SourceUnavailable(f"the exports root {root} does not exist: nothing of {source.name} can be read")
    days = list(_days(window))
    groups = [group for day in days for group in _of_day(source, stream, day, root, standing=day == days[-1])]
    return (delivery for group in groups for delivery in _standing(group))


def _days(window: Window) -> Iterator[date]:
    day = window.start.astimezone(UTC).date()
    while (midnight := datetime.combine(day, time(), UTC)) < window.end:
        if midnight >= window.start:
            yield day
        day += timedelta(days=1)


def _of_day(source: Source, stream: Stream, day: date, root: Any, standing: bool) -> list[list[FileDelivery]]:
    """The files of one day: one group a name, of the copies sent of it in the order they were sent."""
    found: dict[tuple[str, str], list[tuple[int, FileDelivery]]] = {}
    patterns = [pattern for pattern in stream.files if standing or not pattern.standing]
    for pattern in patterns:
        for scope, resend, name, path in _matches(source, pattern, day, root):
            file = _relative(source, pattern, day, path.name)
            if scope and scope not in stream.scopes:
                raise DeliveryRefused(
                    f"{file}: no scope of this name is declared; add it under scopes in source.yml of {source.name}. "
                    f"Declared: {', '.join(stream.scopes)}"
                )
            delivery = FileDelivery(file, day, pattern.mode, scope or None, stream, path)
            found.setdefault((scope, name), []).append((resend, delivery))
    present = {scope for scope, _ in found}
    for scope in stream.scopes or [""]:
        if scope not in present:
            _missing(source, patterns, day, scope, root)
    return [[delivery for _, delivery in sorted(copies, key=lambda c: c[0])] for _, copies in sorted(found.items())]


def _missing(source: Source, patterns: list[FilePattern], day: date, scope: str, root: Any) -> None:
    needed = [pattern for pattern in patterns if not pattern.optional]
    if needed:
        path = _dated(needed[0].pattern, day).replace(SCOPE, scope)
        marker = f", or not the file that marks it done ('{needed[0].done}' beside it)," if needed[0].done else ""
        raise SourceUnavailable(f"{source.name}/{path}{marker} is not there (yet) under {root}")


def _matches(source: Source, pattern: FilePattern, day: date, root: Any) -> Iterator[tuple[str, int, str, Any]]:
    """Scope, number of the copy, name without it, and path of every file of a pattern on a day."""
    parent, _, last = _dated(pattern.pattern, day).rpartition("/")
    folder = root / source.name / parent if parent else root / source.name
    try:  # one request of an object store, where asking for existence first would be three
        paths = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return
    extension = extension_of(last)
    before, scoped, after = last.removesuffix(extension).partition(SCOPE)
    scope = r"(?P<scope>[^./]+)" if scoped else ""
    named = re.compile(rf"{re.escape(before)}{scope}{re.escape(after)}{COPY}{re.escape(extension)}")
    names = {path.name for path in paths}
    for path in paths:
        found = named.fullmatch(path.name)
        if found and (pattern.done is None or pattern.done.replace(FILE, path.name) in names):
            code = found["scope"] if scoped else ""
            yield code, int(found["copy"] or 1), last.replace(SCOPE, code), path


def _dated(pattern: str, day: date) -> str:
    return DATE.sub(lambda found: f"{day:{found[1]}}", pattern)


def _relative(source: Source, pattern: FilePattern, day: date, name: str) -> str:
    parent = _dated(pattern.pattern, day).rpartition("/")[0]
    return "/".join(part for part in (source.name, parent, name) if part)


def _standing(copies: list[FileDelivery]) -> Iterator[FileDelivery]:
    """The copies of one file: the last complete one stands. A single file is read but once, straight through."""
    if len(copies) > 1:
        faults = [copy.fault() for copy in copies]
        whole = [copy for copy, fault in zip(copies, faults, strict=True) if fault is None]
        if not whole:
            raise DeliveryRefused(f"{copies[-1].file}, {faults[-1]}. No copy of it is whole; send it again")
        for copy, fault in zip(copies, faults, strict=True):
            if copy is not whole[-1]:
                copy.refused = fault or f"sent again as {whole[-1].path.name}"
                copy.sha256, copy.rows = _hash(copy.path), 0  # what was read to see whether it is whole was not taken
    yield from copies


def _hash(path: Any) -> str:
    with closing(HashedFile(path.open("rb"))) as file:
        return file.hexdigest()
