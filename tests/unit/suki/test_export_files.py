"""A CSV cell is never a formula, whatever a customer calls themselves."""

import csv
import io
from pathlib import Path

import pytest
from airflow.sdk import ObjectStoragePath
from hypothesis import given, settings
from hypothesis import strategies as st

from include.warehouse.export import Sheet
from suki.export_files import safe, write


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1+1",
        "＝1+1",
        "＠x",
        "|cmd",
        "%0A=1",
        "\u200b=1",
        "-",
        "+",
        "\n=1",
    ],
)
def test_what_a_spreadsheet_could_carry_out_is_made_text(cell: str):
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Ana", "+639171234567", "-12.50", "a=b", "x@example.org", "", "O'Neil", "1+1"])
def test_what_is_no_formula_stays_as_it_is(cell: str):
    assert safe(cell) == cell


@settings(max_examples=200)
@given(st.text(st.sampled_from("=@|%+-＝＋－＠\t\r\n \u200b\ufeff1.a'"), max_size=6))
def test_no_cell_begins_as_a_formula_does(cell: str):
    shown = safe(cell)
    assert shown[:1] not in {"\t", "\r", "\n"}
    seen = shown.lstrip(" \t\r\n\u200b\ufeff")[:1]
    assert seen not in {"=", "@", "|", "%", "＝", "＋", "－", "＠"}
    assert seen not in {"+", "-"} or float(shown)


def test_csv_and_parquet_hold_the_same_and_the_same_again_is_the_same_file(tmp_path: Path):
    import pyarrow.parquet as pq

    columns = {"customer_id": "text", "full_name": "text", "emails": "texts", "orders": "number", "lapsed": "boolean"}
    rows = [("1", "=cmd|' /C calc'!A0", ["a@x.org", "b@x.org"], 2, True), ("2", 'Ana "Nina"; =1+1', [], None, None)]

    def files() -> dict[str, bytes]:
        assert (
            write(
                ObjectStoragePath(f"file://{tmp_path}"),
                Sheet("customers", columns, iter([rows[:1], rows[1:]])),
                ["parquet", "csv"],
            )
            == 2
        )
        return {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    first = files()
    assert set(first) == {"customers.parquet", "customers.csv"}
    assert files() == first
    table = pq.read_table(io.BytesIO(first["customers.parquet"])).to_pylist()
    assert [tuple(row.values()) for row in table] == rows
    read = list(csv.reader(io.StringIO(first["customers.csv"].decode(), newline="")))
    assert read[0] == list(columns)
    assert read[1] == ["1", "'=cmd|' /C calc'!A0", "a@x.org | b@x.org", "2", "true"]
    assert read[2] == ["2", 'Ana "Nina"; =1+1', "", "", ""]
