"""A table of PostgreSQL with its child tables by one COPY: each row and, behind it, its children, as the server sorts them.

A connection gives one COPY after the other, and another connection sees another moment. So all come in one statement, each row
with the number of its table and nothing in the columns of the others.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, cast, literal, null, select, types, union_all

from include.sources.readers import sql_copy
from include.sources.readers.columns import JSON, rows_as_json

_ALIKE: tuple[frozenset[type], ...] = (
    frozenset({types.SMALLINT, types.INTEGER, types.BIGINT}), frozenset({types.TEXT, types.VARCHAR}), frozenset({types.UUID}),
)  # fmt: skip
"""Types of keys that sort alike and are one type in one column."""

_SORTED = frozenset({"int", "bool", "str", "UUID", "Decimal", "float", "date", "time", "datetime"})


@dataclass(frozen=True)
class Part:
    """One of the tables.

    Attributes:
        name: Under which its rows stand in their parent's record; empty of the parents.
        columns: What is asked of it.
        key: The column that its parent is known by, of the parents their own.
        where: Which rows.
    """

    name: str
    columns: Sequence[Any]
    key: Any
    where: ColumnElement[bool] | None

    @property
    def by(self) -> Any:
        """What the children of a parent are sorted by; None where they have nothing but their parent."""
        return next((each for each in self.columns if each.key != self.key.key), None)


def is_same(connection: Connection, parts: Sequence[Part]) -> bool:
    """Whether one COPY gives what a cursor on each of the tables gives."""
    keys = [part.key.type for part in parts]
    alike = any(all(type(key) in one for key in keys) for one in _ALIKE)
    sorted_alike = alike and not any(getattr(key, "collation", None) for key in keys)
    behind = [part.by.type for part in parts[1:] if part.by is not None]
    return (
        sorted_alike
        and all(sql_copy.kind(each) in _SORTED for each in behind)
        and all(sql_copy.is_same(connection, part.columns) for part in parts)
    )


def tables(connection: Connection, parts: Sequence[Part], kept: Callable[[Any], Any], gone: str) -> Iterator[tuple[Any, Any]]:
    """The parents as one ``pyarrow.Table`` after the other, a column of JSON for each table of children; and the last one's key.

    Args:
        connection: One for which ``is_same`` is true of the parts.
        parts: The parents, then their children's tables.
        kept: What is kept of a table's columns.
        gone: The column of it that says which rows are deleted, where there is one.
    """
    names = [[f"{number}_{place}" for place, _ in enumerate(part.columns)] for number, part in enumerate(parts)]
    asked = _statement(parts, names)
    described = [("part", types.INTEGER()), ("key", parts[0].key.type)]
    described += [
        (name, each.type) for part, own in zip(parts, names, strict=True) for name, each in zip(own, part.columns, strict=True)
    ]
    for whole in _cut(sql_copy.tables(connection, asked, described)):
        yield _together(whole, parts, names, kept, gone)


def _statement(parts: Sequence[Part], names: Sequence[Sequence[str]]) -> Any:
    selects = []
    for number, part in enumerate(parts):
        given: list[Any] = [literal(number).label("part"), part.key.label("key")]
        for other, (own, one) in enumerate(zip(names, parts, strict=True)):
            for name, each in zip(own, one.columns, strict=True):
                value = sql_copy.asked(each)
                given.append((value if other == number else cast(null(), value.type)).label(name))
        found = select(*given)
        selects.append(found if part.where is None else found.where(part.where))
    together = union_all(*selects)
    columns = together.selected_columns
    behind = [
        columns[names[number][part.columns.index(part.by)]] for number, part in enumerate(parts) if number and part.by is not None
    ]
    return together.order_by(columns["key"], columns["part"], *behind)


def _cut(blocks: Iterable[Any]) -> Iterator[Any]:
    """The same rows, cut where the next parent begins."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import compute

    held = None
    for block in blocks:
        whole = block if held is None else pa.concat_tables([held, block]).combine_chunks()
        parents = np.flatnonzero(whole["part"].to_numpy() == 0)
        keys = whole["key"].take(pa.array(parents))
        last = keys[-1]
        first = len(parents) - 1 if not last.is_valid else compute.index(keys, last).as_py()  # of several of one key the first
        if cut := int(parents[first]):
            yield whole.slice(0, cut)
        held = whole.slice(cut)
    if held is not None:
        yield held


def _together(
    whole: Any, parts: Sequence[Part], names: Sequence[Sequence[str]], kept: Callable[[Any], Any], gone: str
) -> tuple[Any, Any]:
    import numpy as np
    import pyarrow as pa
    from pyarrow import compute

    part = whole["part"].to_numpy()
    place = np.flatnonzero(part == 0)
    keys = whole["key"].take(pa.array(place)).combine_chunks()
    fresh = np.ones(len(place), dtype=bool)  # where another key begins than that of the parent before
    fresh[1:] = compute.fill_null(compute.not_equal(keys[1:], keys[:-1]), True).to_numpy(zero_copy_only=False)
    first = np.maximum.accumulate(np.where(fresh, np.arange(len(place)), 0))
    found = kept(_of(whole, part == 0, names[0], parts[0]))
    for number, child in enumerate(parts[1:], 1):
        mask = part == number
        rows = kept(_of(whole, mask, names[number], child))
        owner = first[np.searchsorted(place, np.flatnonzero(mask)) - 1]
        if gone in rows.column_names:
            stays = compute.invert(rows[gone])
            rows, owner = rows.filter(stays).drop_columns([gone]), owner[stays.to_numpy()]
        ends = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(place)))]).astype(np.int32)
        lists = pa.ListArray.from_arrays(pa.array(ends), rows_as_json(rows))
        texts = compute.binary_join_element_wise("[", compute.binary_join(lists, ", "), "]", "")
        if child.name in found.column_names:
            found = found.drop_columns([child.name])
        found = found.append_column(pa.field(child.name, pa.string(), metadata=JSON), texts)
    return found, keys[-1].as_py()


def _of(whole: Any, mask: Any, names: Sequence[str], part: Part) -> Any:
    import pyarrow as pa

    own = whole.select(names).filter(pa.array(mask)).combine_chunks()
    schema = pa.schema([own.schema.field(name).with_name(each.key) for name, each in zip(names, part.columns, strict=True)])
    return pa.table(own.columns, schema=schema)
