"""What a mapping gives for a raw record: always a list of texts."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from include.sources import paths
from include.sources.declaration import Mapping, Scope, Stream


@dataclass(frozen=True)
class Row:
    """A raw record with all it takes to read it."""

    raw: dict[str, Any]
    stream: Stream
    code: str | None
    notes: set[str]

    @property
    def scope(self) -> Scope | None:
        """The scope it comes from."""
        return self.stream.scopes.get(self.code) if self.code else None


def texts_of(mapping: Mapping, row: Row) -> list[str]:
    """What a mapping gives for a record."""
    found = [text for text in _FORMS[mapping.form](mapping, row) if text.strip()]
    if mapping.strip_prefix:
        found = [text.strip().removeprefix(mapping.strip_prefix) for text in found]
    if mapping.table is not None:
        found = _looked_up(found, mapping, row)
    prefix = mapping.prefix or ""
    return [prefix + text for text in found if text.strip()]


def member_of(mapping: Mapping, stream: Stream) -> str | None:
    """The member of a record that a mapping takes as it is; None where it does anything else."""
    if mapping.form != "path" or mapping.strip_prefix or mapping.table is not None or mapping.prefix:
        return None
    steps = paths.parse(mapping.path or "", stream.flat)
    return steps[0].name if len(steps) == 1 and not steps[0].each else None


def texts_at(member: str, mapping: Mapping, row: Row) -> list[str]:
    """What ``texts_of`` gives for such a mapping, at a fifth of the cost: most fields of most sources are so."""
    value = row.raw.get(member)
    if value is None:
        return []
    if not isinstance(value, str):
        return texts_of(mapping, row)
    text = value.replace("\0", "") if "\0" in value else value
    return [text] if text.strip() else []


def _path(mapping: Mapping, row: Row) -> list[str]:
    texts = []
    for value in paths.find(row.raw, paths.parse(mapping.path or "", row.stream.flat)):
        if isinstance(value, dict | list):
            if value:
                row.notes.add(f"'{mapping.path}' holds more than one value; nothing taken")
        elif (text := as_text(value)) is not None:
            texts.append(text)
    return texts


def _first_of(mapping: Mapping, row: Row) -> list[str]:
    return next((texts for part in mapping.first_of or () if (texts := texts_of(part, row))), [])


def _all_of(mapping: Mapping, row: Row) -> list[str]:
    return [text for part in mapping.all_of or () for text in texts_of(part, row)]


def _join(mapping: Mapping, row: Row) -> list[str]:
    parts = [first(texts_of(part, row)) for part in mapping.join or ()]
    given = [part for part in parts if part]
    return [mapping.glue.join(given)] if given and (len(given) == len(parts) or not mapping.whole) else []


def _value(mapping: Mapping, row: Row) -> list[str]:
    text = as_text(mapping.value) if row.raw else None
    return [] if text is None else [text]


def _scope(mapping: Mapping, row: Row) -> list[str]:
    if not row.code or not row.raw:
        return []
    if mapping.scope == "code":
        return [row.code]
    return [str(getattr(row.scope, mapping.scope or ""))] if row.scope else []


def _total(mapping: Mapping, row: Row) -> list[str]:
    numbers = []
    for value in paths.find(row.raw, paths.parse(mapping.total or "", row.stream.flat)):
        try:
            numbers.append(Decimal(str(value)))
        except InvalidOperation:
            row.notes.add(f"'{mapping.total}' holds something that is no number")
    return [format(sum(numbers), "f")] if numbers else []


def _minor(mapping: Mapping, row: Row) -> list[str]:
    """Units, of an amount in cents or the like: how many make a unit is Unicode's to say (CLDR, by Babel)."""
    from babel.core import get_global

    steps = (paths.parse(path or "", row.stream.flat) for path in (mapping.minor, mapping.currency))
    amount, code = (next((v for v in paths.find(row.raw, path) if v is not None), None) for path in steps)
    if amount is None:
        return []
    digits = get_global("currency_fractions")
    try:
        places = digits.get(str(code).strip().upper(), digits["DEFAULT"])[0]
        return [format(Decimal(str(amount)).scaleb(-places), "f")]
    except InvalidOperation:
        row.notes.add(f"'{mapping.minor}' holds something that is no number")
        return []


def _object(mapping: Mapping, row: Row) -> list[str]:
    members: dict[str, Any] = {}
    for name, part in (mapping.object or {}).items():
        value = _raw_value(part, row) if part.form == "path" and part.table is None else first(texts_of(part, row))
        if not paths.is_empty(value):
            members[name] = value
    return [json.dumps(members, ensure_ascii=False, sort_keys=True)] if members else []


def _raw_value(part: Mapping, row: Row) -> Any:
    """A value as the source has it, numbers as numbers and subtrees whole; all of them where the path goes through a list."""
    steps = paths.parse(part.path or "", row.stream.flat)
    found = _pruned(paths.find(row.raw, steps))
    return found if any(step.each for step in steps) else next(iter(found), None)


_FORMS: dict[str, Callable[[Mapping, Row], list[str]]] = {
    "path": _path,
    "first_of": _first_of,
    "all_of": _all_of,
    "join": _join,
    "value": _value,
    "scope": _scope,
    "total": _total,
    "minor": _minor,
    "object": _object,
}


def _looked_up(texts: list[str], mapping: Mapping, row: Row) -> list[str]:
    table, found = _table(tuple((mapping.table or {}).items())), []
    for text in texts:
        known = table.get(text.strip().casefold(), text)
        if known is text:
            row.notes.add(f"'{mapping.path}' holds a value its table does not know; kept as it is")
        if known is not None:
            found.append(known)
    return found


@lru_cache(maxsize=256)
def _table(values: tuple[tuple[str, Any], ...]) -> dict[str, str | None]:
    return {raw.casefold(): as_text(canonical) for raw, canonical in values}


def first(texts: list[str], strip: bool = False) -> str | None:
    """The first text, for a field that holds one."""
    if not texts:
        return None
    return texts[0].strip() if strip else texts[0]


def as_text(value: Any) -> str | None:
    """A scalar as text: null for nothing, true and false in small letters, no NUL, which no database holds in a text."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace("\0", "")


def _pruned(value: Any) -> Any:
    """A subtree without its empty ends, and without NUL, which no database holds."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [kept for item in value if not paths.is_empty(kept := _pruned(item))]
    if isinstance(value, dict):
        return {name: kept for name, child in value.items() if not paths.is_empty(kept := _pruned(child))}
    return value
