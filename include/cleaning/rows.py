"""The rows on their way: raw columns in, cleaned columns out, and every change on the record.

A column is factorised, its distinct values (with the country they are read in) cleaned, and the answers taken back to the rows.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from include.cleaning import reference
from include.cleaning.habits import Habits
from include.cleaning.reasons import DOUBTS, reason_of
from include.cleaning.result import Change, Cleaned, Outcome
from include.cleaning.tally import FieldTally
from include.customer import CLEANED_COLUMNS, FIELDS, ROW_COLUMNS, names

Column = np.ndarray[Any, np.dtype[np.object_]]
"""A column of Python values; None where there is none."""

Codes = np.ndarray[Any, np.dtype[np.intp]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

_TEXT_OR_NONE = frozenset({str, type(None)})


class Note(NamedTuple):
    """What is to be written of a distinct value: flags and changes as they are stored, and the fields each concerns.

    ``repaired`` are all that changed: of a field of several values one may be emptied and another stay.
    """

    flags: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()
    doubted: tuple[str, ...] = ()


NOTHING = Note()


def noted(flags: Iterable[str], changes: Iterable[Change]) -> Note:
    """The note of one distinct value.

    Args:
        flags: As ``field:flag``.
        changes: What was changed or emptied; a change that left the text as it was is none.
    """
    kept = [_named(change) for change in changes if change.new != change.old]
    said = list(flags)
    emptied = {change.field: change.rule for change in kept if change.new is None}
    if any(rule == "missing" for rule in emptied.values()):
        said = [_missing(flag, emptied) for flag in said]
    if not kept and not said:
        return NOTHING
    written = [_json(change) for change in kept]
    flagged: list[str] = []
    doubted: list[str] = []
    for flag in said:
        field, _, rule = flag.partition(":")
        if field in emptied:
            continue  # the entry of the emptied value says why
        reason = reason_of(rule)
        written.append(_dumps({"field": field, "outcome": "flagged", "rule": rule, "reason": reason}))
        flagged.append(field)
        if reason in DOUBTS:
            doubted.append(field)
    repaired = tuple(dict.fromkeys(change.field for change in kept))
    return Note(tuple(said), tuple(written), repaired, tuple(dict.fromkeys(flagged)), tuple(dict.fromkeys(doubted)))


def _named(change: Change) -> Change:
    if change.rule == "placeholder" and change.old is not None and says_nothing(change.old):
        return change._replace(rule="missing")
    return change


def _missing(flag: str, emptied: dict[str, str]) -> str:
    field, _, rule = flag.partition(":")
    return f"{field}:missing" if rule == "placeholder" and emptied.get(field) == "missing" else flag


def says_nothing(text: str) -> bool:
    """Whether a text is a word for nothing (``N/A``), unlike one that pretends to be a value (``test``)."""
    folded = text.casefold().strip(" \"'()[]\t\r\n\u00a0")
    return folded in reference.words("placeholders", "anywhere") and folded not in reference.words("placeholders", "pretended")


def _outcome(change: Change) -> Outcome:
    if change.confidence is not None:
        return "inferred"
    if change.new is None:
        return "emptied"
    return "derived" if change.old is None else "repaired"


def _json(change: Change) -> str:
    outcome = _outcome(change)
    reason = reason_of(change.rule)
    if outcome == "emptied" and reason in ("form", "slip", "note", None):
        reason = "missing"  # read by a known word, which says that there is nothing
    entry: dict[str, Any] = {"field": change.field, "outcome": outcome, "rule": change.rule, "reason": reason}
    if outcome not in ("derived", "inferred") or change.rule not in _TOLD_BY_THE_FIELD:
        entry |= {"old": change.old, "new": change.new}
    if change.source is not None:
        entry["source"] = change.source
    if change.confidence is not None:
        entry["confidence"] = change.confidence
    return _dumps(entry)


_TOLD_BY_THE_FIELD = frozenset({"parsed", "composed"})
"""Rules whose new value need not be written twice: it is the field's own."""


_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Rows:
    """The rows on their way.

    Args:
        mapped: Columns ``ROW_COLUMNS`` and the mapped fields.
        kind: ``customers`` or ``interactions``.
        habits: What is known of the source.
    """

    def __init__(self, mapped: pd.DataFrame, kind: str, habits: Habits) -> None:
        self.mapped, self.kind, self.habits = mapped, kind, habits
        self.size = len(mapped)
        self.done: dict[str, Column] = {}
        self.known: dict[str, Column] = {}
        self.moments: dict[str, Any] = {}
        self.orders: Counter[tuple[str | None, str]] = Counter()
        noted = mapped["noted"] if "noted" in mapped else [()] * self.size
        self.flags: list[list[str]] = [list(flags) for flags in noted]
        self.changes: list[list[str]] = [[] for _ in range(self.size)]
        self._raw: dict[str, Column] = {}
        self._marks: dict[str, dict[str, Mask]] = {"repaired": {}, "flagged": {}, "doubted": {}, "inferred": {}}
        self._delivered: dict[str, Mask] = {}

    # --- what came ---

    def raw(self, field: str) -> Column:
        """A column as delivered (and as the source's declared repairs left it), None for whatever missing value it uses."""
        if field not in self._raw:
            if field not in self.mapped:
                self._raw[field] = column_of([None] * self.size)
            else:
                values = self.mapped[field].to_numpy(dtype=object, copy=True)
                values[pd.isna(values)] = None
                self._raw[field] = values
        return self._raw[field]

    def put_right(self, field: str, column: Column) -> None:
        """Put a column in the place of what was delivered."""
        self.delivered(field)
        self._raw[field] = column

    def delivered(self, field: str) -> Mask:
        """Which rows the source delivered anything in a field of."""
        if field not in self._delivered:
            self._delivered[field] = _filled(self.raw(field))
        return self._delivered[field]

    def text(self, field: str) -> Column:
        """A column of texts; numbers and booleans a reader already made are written out."""
        column = self.raw(field).copy()
        if not set(map(type, column)) <= _TEXT_OR_NONE:
            for i, value in enumerate(column):
                if value is not None and not isinstance(value, str):
                    column[i] = written(value)
        return column

    def dates(self, field: str) -> Column:
        """A column of days."""
        codes, unique = factorised([self.raw(field)])
        days = [
            None
            if v is None
            else v.date()
            if isinstance(v, datetime)
            else v
            if isinstance(v, date)
            else date.fromisoformat(str(v)[:10])
            for (v,) in unique
        ]
        return taken(days, codes)

    def scoped(self, by_scope: Any) -> Column:
        """What is declared of each row's store."""
        return column_of([by_scope.get(scope) if scope is not None else None for scope in self.raw("scope")])

    # --- what becomes of it ---

    def clean(self, field: str, cleaner: Callable[..., Cleaned[Any]], *beside: Column) -> Column:
        """Clean one field; ``beside`` are columns the cleaner reads the value by."""
        codes, unique = factorised([self.text(field), *beside])
        nothing: Cleaned[Any] = Cleaned(None)
        answers = [nothing if key[0] is None else cleaner(*key) for key in unique]
        self.done[field] = taken([answer.value for answer in answers], codes)
        self.note(codes, [note_of(field, key[0], answer) for key, answer in zip(unique, answers, strict=True)])
        return self.done[field]

    def clean_each(self, field: str, cleaner: Callable[[str], Cleaned[str | None]]) -> Column:
        """Clean a field of several texts, one by one; repeats are dropped."""
        owners, values = flat(self.raw(field))
        codes, unique = factorised([values])
        answers = [cleaner(text) for (text,) in unique]
        self.note(codes, [note_of(field, text, answer) for (text,), answer in zip(unique, answers, strict=True)], owners)
        self.done[field] = gathered(self.size, owners, ((answers[code].value,) for code in codes))
        return self.done[field]

    def each_of(self, lists: Column, function: Callable[[str], str]) -> Column:
        """A function over every text of a column of lists."""
        return column_of([list(dict.fromkeys(function(text) for text in texts)) for texts in lists])

    def note(self, codes: Codes, notes: Sequence[Note], owners: Sequence[int] | None = None) -> None:
        """Write notes of distinct values to the rows that hold them; ``owners``: the rows behind ``codes``, where not all are."""
        marked = np.fromiter((note is not NOTHING for note in notes), dtype=bool, count=len(notes))
        if not marked.any():
            return
        rows = np.arange(self.size) if owners is None else np.asarray(owners, dtype=np.intp)
        for at in np.flatnonzero(marked[codes]).tolist():
            note, row = notes[codes[at]], rows[at]
            self.flags[row].extend(note.flags)
            self.changes[row].extend(note.changes)
        concerned: dict[tuple[str, str], list[int]] = {}
        for code in np.flatnonzero(marked).tolist():
            note = notes[code]
            for kind, fields in (("repaired", note.repaired), ("flagged", note.flagged), ("doubted", note.doubted)):
                for field in fields:
                    concerned.setdefault((kind, field), []).append(code)
        for (kind, field), those in concerned.items():
            hit = np.zeros(len(notes), dtype=bool)
            hit[those] = True
            self._mark(kind, field)[rows[hit[codes]]] = True

    def infer(self, field: str, values: Column, how: Column, sources: dict[str, tuple[str, float]]) -> None:
        """Fill a field where it is empty.

        Args:
            field: The field.
            values: The inferred value of each row, None where nothing is inferred.
            how: The rule each was inferred by.
            sources: Of each rule, what it read (a field, or ``store``, ``source``) and how sure it is.
        """
        column = self.done[field].copy()
        wanted = ((old is None or old == "") and new is not None for old, new in zip(column, values, strict=True))
        rows = np.flatnonzero(np.fromiter(wanted, dtype=bool, count=self.size))
        column[rows] = values[rows]
        self.done[field] = column
        self._mark("inferred", field)[rows] = True
        pairs = {}
        for row in rows.tolist():
            key = (values[row], how[row])
            if key not in pairs:
                change = _json(Change(field, how[row], None, values[row], *sources[how[row]]))
                pairs[key] = (f"{field}:{how[row]}", change)
            self.flags[row].append(pairs[key][0])
            self.changes[row].append(pairs[key][1])

    def _mark(self, kind: str, field: str) -> Mask:
        return self._marks[kind].setdefault(field, np.zeros(self.size, dtype=bool))

    # --- what goes on ---

    def frame(self) -> pd.DataFrame:
        """The cleaned frame, in the order of the contract."""
        columns: dict[str, Any] = {name: self.mapped[name].array for name in ROW_COLUMNS if name in self.mapped}
        for field in names(self.kind):
            columns[field] = self.moments[field] if field in self.moments else self.done[field]
        columns["flags"] = column_of([list(dict.fromkeys(flags)) for flags in self.flags])
        columns["changes"] = column_of([f"[{','.join(dict.fromkeys(entries))}]" if entries else None for entries in self.changes])
        assert set(columns) <= {*ROW_COLUMNS, *names(self.kind), *CLEANED_COLUMNS}
        return pd.DataFrame(columns, index=self.mapped.index)

    def tally(self) -> dict[str, FieldTally]:
        """What became of the values of every mapped field, counted."""
        return {field.name: self._tally(field.name) for field in FIELDS[self.kind] if field.origin == "mapped"}

    def _tally(self, field: str) -> FieldTally:
        came = self.delivered(field)
        held = pd.notna(self.moments[field]) if field in self.moments else _filled(self.done[field])
        none = np.zeros(self.size, dtype=bool)
        inferred = self._marks["inferred"].get(field, none)
        stayed = came & held & ~inferred
        repaired = stayed & self._marks["repaired"].get(field, none)
        flagged = stayed & ~repaired & self._marks["flagged"].get(field, none)
        doubted = held & self._marks["doubted"].get(field, none)
        return FieldTally(
            rows=self.size, delivered=int(came.sum()), kept=int((stayed & ~repaired & ~flagged).sum()),
            repaired=int(repaired.sum()), flagged=int(flagged.sum()), emptied=int((came & ~stayed).sum()),
            derived=int((held & ~came & ~inferred).sum()), inferred=int((held & inferred).sum()), doubtful=int(doubted.sum()),
        )  # fmt: skip


def note_of(field: str, text: str | None, answer: Cleaned[Any]) -> Note:
    """The note of a text cleaned by itself."""
    if text is None:
        return NOTHING
    rule = answer.rule
    if answer.value is None or answer.value == ():
        if not text or text.isspace():
            return NOTHING  # nothing was delivered
        rule = rule or (answer.flags[0] if answer.flags else "blank")
    if rule is None and not answer.flags:
        return NOTHING
    return noted([f"{field}:{flag}" for flag in answer.flags], [changed(field, rule, text, answer.value)] if rule else [])


def changed(field: str, rule: str, old: str | None, value: Any) -> Change:
    """The change of a field from a text to a value."""
    if isinstance(value, tuple):
        value = "; ".join(value) or None
    return Change(field, rule, old, None if value is None else written(value))


# --- columns ---


def column_of(values: Sequence[Any]) -> Column:
    """A column of Python values, whatever they are."""
    column: Column = np.empty(len(values), dtype=object)
    if _has_parts(values):
        for i, value in enumerate(values):  # numpy would make a table of equally long lists
            column[i] = value
    else:
        column[:] = values
    return column


def _has_parts(values: Iterable[Any]) -> bool:
    return any(kind is not str and hasattr(kind, "__len__") for kind in set(map(type, values)))


def _filled(column: Column) -> Mask:
    if set(map(type, column)) <= _TEXT_OR_NONE:
        held = {value: _holds(value) for value in set(column)}
        return np.fromiter(map(held.__getitem__, column), dtype=bool, count=len(column))
    return np.fromiter(map(_holds, column), dtype=bool, count=len(column))


def _holds(value: Any) -> bool:
    if value is None:
        return False
    if isinstance(value, str):
        return value != "" and not value.isspace()
    if hasattr(value, "__len__"):
        for item in value:  # noqa: SIM110 - a generator costs more than what it asks
            if isinstance(item, str) and item and not item.isspace():
                return True
        return False
    return bool(value == value)  # noqa: PLR0124 - NaN is unlike itself


def factorised(columns: Sequence[Column]) -> tuple[Codes, list[tuple[Any, ...]]]:
    """Codes of the rows and the distinct tuples they stand for."""
    keys = list(zip(*columns, strict=True))
    code_of = {key: code for code, key in enumerate(dict.fromkeys(keys))}
    return np.fromiter(map(code_of.__getitem__, keys), dtype=np.intp, count=len(keys)), list(code_of)


def taken(values: Sequence[Any], codes: Codes) -> Column:
    """The answers of distinct values, back at their rows."""
    column: Column = column_of(values)[codes]
    return column


def flat(lists: Column) -> tuple[list[int], Column]:
    """Rows and values of a column of lists, one entry a value; empty texts are no values."""
    owners: list[int] = []
    values: list[str] = []
    for row, texts in enumerate(lists):
        if texts is None:
            continue
        for text in [texts] if isinstance(texts, str) else texts:
            if text is not None and text != "" and text == text:  # noqa: PLR0124 - NaN is unlike itself
                owners.append(row)
                values.append(text if isinstance(text, str) else written(text))
    return owners, column_of(values)


def gathered(size: int, owners: Sequence[int], values: Iterable[tuple[str | None, ...]]) -> Column:
    """Back to lists, each text once, in the order it came."""
    found: list[list[str]] = [[] for _ in range(size)]
    for owner, texts in zip(owners, values, strict=True):
        for text in texts:
            if text is not None and text not in found[owner]:
                found[owner].append(text)
    return column_of(found)


def first_of(columns: Sequence[Column], default: str | None) -> Column:
    """The first value each row has."""
    return column_of([next(filter(None, values), default) for values in zip(*columns, strict=True)])


def written(value: Any) -> str:
    """A value a reader already typed, as text: a whole float is the integer it was."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)
