"""Rows that are read as columns land as they would one by one: to the byte, the digest of the landing included."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.errors import DeliveryRefused
from include.privacy.tokens import Tokens
from include.sources import Columns, FileDelivery, Source
from include.sources.readers.delimited_block import Blocks
from suki.operators import extract
from tests.unit.sources.factory import source_of

TOKENS = Tokens(b"0123456789abcdef", "1")
CELL = st.text(st.sampled_from('aé渡",;\\\n\r\t x\x1f\x85 |'), max_size=8)


class Written:
    def __init__(self) -> None:
        self.tables: list[pa.Table] = []

    def append(self, table: pa.Table) -> None:
        self.tables.append(table)


def landed(source: Source, file: Path) -> tuple[str, str, list[dict[str, Any]], bool]:
    """Digest and rows of a landing, and whether any of it came as columns."""
    stream, writer = source.streams["people"], Written()
    delivery = FileDelivery("kiosk/f", date(2026, 8, 3), "changes", None, stream, file)
    landing = extract._Landing(source, stream, writer, TOKENS)
    landing.take(delivery)
    landing.flush()
    rows = [row for table in writer.tables for row in table.to_pylist()]
    return landing.digest.hexdigest(), landing.fingerprint(), rows, any(isinstance(piece, Columns) for piece in delivery.pieces())


def by_rows(landing: extract._Landing, delivery: FileDelivery, columns: Columns) -> None:
    """As rows of other formats are taken."""
    landing._rows += [landing._noted(extract.landed_row(delivery, row, landing.stream), row) for row in columns.rows()]


def both(source: Source, file: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Compare; returns whether columns were used."""
    at_once = landed(source, file)
    with monkeypatch.context() as patched:
        patched.setattr(Blocks, "table", lambda *_: None)
        patched.setattr(extract._Landing, "_take_columns", by_rows)
        one_by_one = landed(source, file)
    assert at_once[:3] == one_by_one[:3]
    return at_once[3]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6),
    quoting=st.sampled_from(["all", "needed", "none"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp932", "gb18030", "utf-16"]),
    spoilt=st.sampled_from([b"", b"\xff", b'"', b"1,2,3\n", b"\n", b'\n"a"b,c\n']),
)
def test_any_csv_says_the_same_in_columns_and_row_by_row(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[tuple[str, str]],
    quoting: str,
    end: str,
    encoding: str,
    spoilt: bytes,
) -> None:
    monkeypatch.setattr("include.sources.readers.delimited._HEAD", 8)
    monkeypatch.setattr("include.sources.readers.delimited._BLOCK", 24)

    def cell(text: str) -> str:
        quoted = quoting == "all" or (quoting == "needed" and any(sign in text for sign in ',"\r\n'))
        return '"' + text.replace('"', '""') + '"' if quoted else text

    lines = ["id,name", *(f"{cell(a)},{cell(b)}" for a, b in rows), "9,Zoe"]
    file = tmp_path / "f.csv"
    codec = "utf-16-le" if encoding == "utf-16" else encoding
    file.write_bytes((end.join(lines) + end).encode(codec, "replace") + (spoilt if encoding != "utf-16" else b""))
    source = source_of(tmp_path, encoding=codec, final_newline=False)

    def said() -> Any:
        try:
            return landed(source, file)[:3]
        except DeliveryRefused as refusal:
            return str(refusal)

    at_once = said()
    with monkeypatch.context() as patched:
        patched.setattr(Blocks, "table", lambda *_: None)
        assert said() == at_once


def test_a_plain_file_is_read_in_columns_whatever_its_quotes_and_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.sources.readers.delimited._HEAD", 32)
    lines = [f'{n};"Müller; ""M"" {n}\\"' for n in range(50)]
    file = tmp_path / "f.csv"
    file.write_text("id;name\r\n" + "".join(f"{line}\r\n" for line in lines), encoding="cp1252", newline="")
    source = source_of(tmp_path, encoding="cp1252", delimiter=";")
    assert both(source, file, monkeypatch)
    assert json.loads(landed(source, file)[2][-1]["raw"]) == {"id": "49", "name": 'Müller; "M" 49\\'}
    assert landed(source, file)[2][-1]["position"] == 51


def test_parquet_lands_with_whatever_kinds_of_values_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "f.parquet"
    midnight = datetime(2026, 8, 3)  # noqa: DTZ001 - as many exporters store a date
    table = pa.table({
        "id": pa.array([" a\0 ", None, "c"]), "n": pa.array([1, None, 3]), "x": pa.array([1.0, 2.5, None]),
        "name": pa.array(['"q"', "tab\t", None]), "when": pa.array([midnight, None, midnight.replace(hour=1)]),
        "on": pa.array([True, None, False]), "day": pa.array([date(2026, 8, 3), None, date(1, 2, 3)]),
        "tags": pa.array([["a"], [], None]),
    })  # fmt: skip
    pq.write_table(table, file)
    source = source_of(tmp_path, format="parquet", files=[{"pattern": "{date:%Y-%m-%d}/people.parquet"}])
    assert both(source, file, monkeypatch)
    by_number = source_of(tmp_path, format="parquet", files=[{"pattern": "{date:%Y-%m-%d}/people.parquet"}], key="n")
    assert both(by_number, file, monkeypatch)
    assert [row["source_key"] for row in landed(by_number, file)[2]] == ["1", None, "3"]
