"""What a declaration did not foresee: raw fields nobody named, values that are not as declared."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from include.sources import paths
from include.sources.declaration import Mapping, Stream
from include.sources.shape import Shape

MOST_DRIFT = 100
"""Unknown fields counted one by one. More than that is no new column but data in the place of names."""

_NUMBER = re.compile(r"\d{4,}")
_WORD = re.compile(r"[^\W\d_]+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|.+")  # "loyaltyTier" has two, and so has "URLPath"


class Drift:
    """What the declaration did not foresee: unknown raw fields, and notes on values that were not as declared.

    Attributes:
        fields: Raw field nobody declared, to the rows that have it and the first file it was seen in.
        missing: Mapped column, to the rows of files without it and the first of those files.
        shape: What the raw fields looked like.
        notes: What happened to how many rows; no values.
    """

    def __init__(self) -> None:
        self.fields: dict[str, tuple[int, str]] = {}
        self.missing: dict[str, tuple[int, str]] = {}
        self.shape = Shape()
        self.notes: Counter[str] = Counter()

    def field(self, name: str, file: str, rows: int = 1) -> None:
        """Count an unknown field."""
        if name not in self.fields and len(self.fields) >= MOST_DRIFT:
            name = "(further fields)"
        seen, first = self.fields.get(name, (0, file))
        self.fields[name] = (seen + rows, first)

    def lacks(self, column: str, file: str, rows: int = 1) -> None:
        """Count rows without a mapped column."""
        seen, first = self.missing.get(column, (0, file))
        self.missing[column] = (seen + rows, first)

    def add(self, later: "Drift") -> None:
        """Take in what a later chunk showed."""
        for name, (rows, file) in later.fields.items():
            self.field(name, file, rows)
        for column, (rows, file) in later.missing.items():
            self.lacks(column, file, rows)
        self.shape.add(later.shape)
        self.notes.update(later.notes)


class Coverage:
    """Which raw fields a declaration accounts for."""

    def __init__(self, stream: Stream) -> None:
        self._flat = stream.flat
        self._known, self._whole = set[str](), list[str]()
        self._ignored = frozenset(stream.ignore)
        for mapping in stream.mappings().values():
            for path, whole in _accounted(mapping):
                self._account(path, whole)
        for path in stream.ignore:
            self._account(path, whole=True)
        if stream.tombstone:
            self._account(stream.tombstone.path, whole=False)
        self._columns = set(stream.mapped_paths()) if stream.flat else set()
        self._declared = frozenset(word for path in (*self._known, *self._whole) for word in _words(path))
        self._verdicts: dict[tuple[str, bool], bool] = {}

    def unknown(self, raw: dict[str, Any]) -> Iterable[str]:
        """Names of a record's fields that are neither mapped nor ignored, once each, unfit ones masked."""
        if self._flat:
            return {_safe(name, self._declared) for name in raw.keys() - self._known}
        return {_safe(leaf, self._declared) for leaf, value in paths.leaves(raw) if not self._knows(leaf, paths.is_empty(value))}

    def looked_at(self, raw: dict[str, Any]) -> Iterable[tuple[str, Any]]:
        """A record's values by name, unfit names masked; without those that are ignored, of which nobody cares what they are."""
        for name, value in raw.items() if self._flat else paths.leaves(raw):
            if (self._flat and name in self._ignored) or any(paths.is_under(name, whole) for whole in self._ignored):
                continue
            yield (name if name in self._known else _safe(name, self._declared)), value

    def missing(self, raw: dict[str, Any]) -> Iterable[str]:
        """Mapped columns a row of a table does not have."""
        return self._columns - raw.keys()

    def _account(self, path: str, whole: bool) -> None:
        looked_at, end = ([], path) if self._flat else paths.shape(paths.parse(path, flat=False))
        self._known.update([*looked_at, end])
        if whole and not self._flat:
            self._whole.append(end)

    def _knows(self, leaf: str, empty: bool) -> bool:
        verdict = self._verdicts.get((leaf, empty))
        if verdict is None:
            verdict = leaf in self._known or any(paths.is_under(leaf, whole) for whole in self._whole)
            if not verdict and empty:
                verdict = any(paths.is_under(known, leaf) for known in self._known)
            if len(self._verdicts) < 10_000:  # names that are data must not fill the memory
                self._verdicts[leaf, empty] = verdict
        return verdict


def _accounted(mapping: Mapping, inside_object: bool = False) -> Iterable[tuple[str, bool]]:
    """Paths a mapping reads; inside an object they take all that lies below them."""
    for path in mapping.own_paths:
        if path:
            yield path, inside_object and path == mapping.path
    for part in mapping.parts:
        yield from _accounted(part, inside_object or mapping.object is not None)


@lru_cache(10_000)  # every row of a file has the same; names that are data must not fill the memory
def _safe(name: str, declared: frozenset[str]) -> str:
    """A field's name, fit for logs: whole if it is made of words that field names are made of.

    A column can be named after a person, by an exporter that turned a table on its side or a clerk who typed into the header, and
    then its name is data. Of words that are neither declared nor in ``field_words.txt`` only the first letter is kept: enough to
    find the column in the file, not enough to know whom it is about.
    """
    if "@" in name or _NUMBER.search(name) or len(name) > 100:
        return "(a field named like a value)"

    def told(part: re.Match[str]) -> str:
        return part[0] if _is_field_word(part[0], declared) else f"{part[0][0]}…"

    return _WORD.sub(lambda word: _PART.sub(told, word[0]) if word[0].isascii() else f"{word[0][0]}…", name)


def _is_field_word(word: str, declared: frozenset[str]) -> bool:
    plain = word.casefold()
    return (len(word) == 1 and word.isascii()) or plain in _field_words() or plain in declared


def _words(name: str) -> set[str]:
    return {part.casefold() for word in _WORD.findall(name) for part in _PART.findall(word)}


@cache
def _field_words() -> frozenset[str]:
    lines = Path(__file__).with_name("field_words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
