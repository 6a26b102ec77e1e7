"""What is copied column by column stands in the warehouse as it would row by row."""

import pandas as pd
import pyarrow as pa
import pytest
from sqlalchemy import ARRAY, BigInteger, Boolean, DateTime, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from include.warehouse.bulk import cells
from include.warehouse.copying import copy_rows
from include.warehouse.engine import transaction
from tests.integration.warehouse.conftest import Warehouse, at

PLAIN = ["Ana", "", 'the "old", one', "back\\slash", 'both\\"', "two\nlines\r\n", "\\N", "NULL", "{a,b}", " José 山田 "]
REFUSED = ["nul\x00", "half \ud800", "\\x00"]

COLUMNS = {
    "told": Text(), "told_set": ARRAY(Text()), "moment": DateTime(timezone=True), "truth": Boolean(), "number": BigInteger(),
    "hash": LargeBinary(),
}  # fmt: skip
KINDS = {"told_set": "texts", "moment": "timestamp", "truth": "boolean", "number": "integer", "hash": None}


@pytest.mark.parametrize("odd", [PLAIN, PLAIN + REFUSED, [7, *PLAIN]])
def test_every_value_comes_out_as_it_went_in(warehouse: Warehouse, odd: list[object]) -> None:
    texts = pd.Series([None, *odd], dtype=object)
    count = len(texts)
    frame = pd.DataFrame(
        {
            "told": texts,
            "told_set": pd.Series([None, [], odd, *([value] for value in odd[: count - 3])], dtype=object),
            "moment": pd.Series([pd.NaT, *(at(day) for day in range(1, count))], dtype="datetime64[us, UTC]"),
            "truth": pd.Series([None, *(day % 2 == 0 for day in range(1, count))], dtype=object),
            "number": pd.Series([None, *range(1, count)], dtype=object),
            "hash": [bytes([place, 0, 255]) for place in range(count)],
        }
    )
    with transaction(warehouse.resolver, "copying") as connection:
        copy_rows(connection, "copied", COLUMNS, [frame.iloc[:4], frame.iloc[4:]], KINDS)
        found = connection.execute(text("SELECT * FROM pg_temp.copied ORDER BY hash")).all()
    expected = [cells(frame[name], KINDS.get(name, "text")) for name in COLUMNS if name != "hash"]
    assert [tuple(row) for row in found] == list(zip(*expected, frame["hash"], strict=True))


@pytest.mark.parametrize("odd", [PLAIN, [*PLAIN, "nul\x00"]])
def test_what_the_lake_holds_comes_out_as_a_frame_of_it_would(warehouse: Warehouse, odd: list[str]) -> None:
    texts = [None, *odd]
    count = len(texts)
    table = pa.table(
        {
            "told": pa.array(texts).dictionary_encode(),
            "told_set": pa.array([[], odd, *([value] for value in odd[: count - 2])]),
            "moment": pa.array([None, *(at(day) for day in range(1, count))], pa.timestamp("us", tz="UTC")),
            "truth": [None, *(day % 2 == 0 for day in range(1, count))],
            "number": [None, *range(1, count)],
            "hash": [bytes([place, 0, 255]) for place in range(count)],
        }
    )
    with transaction(warehouse.resolver, "copying") as connection:
        copy_rows(connection, "copied", COLUMNS, [table.slice(0, 3), table.slice(3)], KINDS)
        found = connection.execute(text("SELECT * FROM pg_temp.copied ORDER BY hash")).all()
    kept = [value and value.replace("\x00", "\ufffd") for value in texts]
    sets = [[one.replace("\x00", "\ufffd") for one in value] for value in table.column("told_set").to_pylist()]
    plain = [table.column(name).to_pylist() for name in ("moment", "truth", "number", "hash")]
    assert [tuple(row) for row in found] == list(zip(kept, sets, *plain, strict=True))


def test_what_a_pair_says_for_itself_is_kept_where_no_json_of_the_database_could_hold_it(warehouse: Warehouse) -> None:
    said = ['{"name": ["same", 9.5]}', '{"name": ["\\u0000", NaN]}', None]
    with transaction(warehouse.resolver, "copying") as connection:
        for rows in (pa.table({"evidence": said}), pd.DataFrame({"evidence": pd.Series(said, dtype=object)})):
            copy_rows(connection, "copied", {"evidence": JSONB()}, rows, {"evidence": "json"})
            found = connection.scalars(text("SELECT evidence FROM pg_temp.copied")).all()
            assert found == [{"name": ["same", 9.5]}, {"name": ["\ufffd", "NaN"]}, None]
