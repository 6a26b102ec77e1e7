"""An export as files: Parquet for machines, CSV for people, whose cells no spreadsheet takes for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from airflow.sdk import ObjectStoragePath

from suki.connections import CRM
from suki.storage import plain_storage_errors

if TYPE_CHECKING:
    import pyarrow as pa

    from include.customer import Type
    from include.warehouse.export import Sheet

FORMATS = ("parquet", "csv")

_FORMULA = re.compile(r"^[\s\u200b\ufeff]*[=+\-@\t\r\n|%\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that a spreadsheet may take for a formula: the signs, in full width too, also after what is not seen."""
_NUMBER = re.compile(r"^[+-]?[0-9]+(\.[0-9]+)?$")
"""A number, or a phone number as E.164 writes it: it has a sign, and is no formula."""


def safe(cell: str) -> str:
    """The text as a CSV cell that no spreadsheet carries out: with an apostrophe before it where it could be a formula."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.match(cell) else cell


def write(root: ObjectStoragePath, sheet: "Sheet", formats: Sequence[str]) -> int:
    """Write a sheet under a folder, ``<name>.parquet`` and ``<name>.csv``; what stood there by that name is replaced.

    Returns:
        Its rows.
    """
    rows = 0
    with ExitStack() as stack:
        writers = [stack.enter_context(_WRITERS[one](root / f"{sheet.name}.{one}", sheet.columns)) for one in formats]
        for block in sheet.blocks:
            for writer in writers:
                writer(block)
            rows += len(block)
    return rows


def write_rows(path: ObjectStoragePath, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Write a small table as CSV; what stood there is replaced."""
    with _csv(path, columns) as put:
        put(rows)


@contextmanager
def _file(path: ObjectStoragePath) -> Iterator[Any]:
    """A file that is seen only when it is whole: an object store shows it at its end, a folder by its name."""
    local = path.protocol == "file"
    place = f"{path.path}.part" if local else path.path
    with plain_storage_errors(CRM, path):
        if local:
            path.parent.mkdir(parents=True, exist_ok=True)
        file = path.fs.open(place, "wb", block_size=1 << 24)
        try:
            yield file
        except BaseException:
            if hasattr(file, "discard") and not local:
                file.closed = True  # closing is what would complete the upload
                file.discard()
            raise
        file.close()
        if local:
            path.fs.mv(place, path.path)


@contextmanager
def _parquet(path: ObjectStoragePath, columns: "Mapping[str, Type]") -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, _arrow(kind)) for name, kind in columns.items()])
    with _file(path) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:

        def put(block: Sequence[tuple[Any, ...]]) -> None:
            kinds = list(columns.values())
            values = [[_plain(row[at], kind) for row in block] for at, kind in enumerate(kinds)]
            writer.write_table(pa.table([pa.array(v, t) for v, t in zip(values, schema.types, strict=True)], schema=schema))

        yield put


def _plain(value: Any, kind: "Type") -> Any:
    return float(value) if kind == "number" and value is not None else value


def _arrow(kind: "Type") -> "pa.DataType":
    import pyarrow as pa

    kinds = {
        "texts": pa.list_(pa.string()), "timestamp": pa.timestamp("us", tz="UTC"), "boolean": pa.bool_(), "integer": pa.int64(),
        "number": pa.float64(),
    }  # fmt: skip
    return kinds.get(kind, pa.string())


@contextmanager
def _csv(path: ObjectStoragePath, columns: Iterable[str]) -> Iterator[Any]:
    def put(rows: Iterable[Iterable[str]]) -> None:
        text = io.StringIO(newline="")
        # Every cell in quotes: a spreadsheet that divides at semicolons must not find a cell of its own inside one.
        csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
        file.write(text.getvalue().encode())

    with _file(path) as file:
        put([columns])
        yield lambda block: put([_cell(value) for value in row] for row in block)


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float() | Decimal():
            return str(value)
        case list():
            return safe(" | ".join(value))
        case str():
            return safe(value)
        case _:
            return str(value.isoformat())


_WRITERS = {"parquet": _parquet, "csv": _csv}
