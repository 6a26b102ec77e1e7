from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from airflow.sdk import ObjectStoragePath

from include.customer import MAPPED_COLUMNS, ROW_COLUMNS, names
from suki.frames import cleaned_schema, schema_of
from suki.lake import Lake


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake(ObjectStoragePath(f"file://{tmp_path}"))


def cleaned(**values) -> pd.DataFrame:
    row = dict.fromkeys(cleaned_schema("customers").names)
    row |= {"emails": [], "phones": [], "deleted": False, "delivered_on": date(2026, 8, 1), "position": 1}
    return pd.DataFrame([row | values], dtype=object)


def test_frames_come_back_with_the_types_the_core_expects(lake):
    moment = datetime(2026, 8, 1, 12, 30, tzinfo=UTC)
    with lake.writing(cleaned_schema("customers"), "cleaned", "x", "customers") as writer:
        writer.write(cleaned(full_name="王小明", emails=["a@b.example"], email_consent=True, source_updated_at=moment))
        writer.write(cleaned())
    first, second = next(iter(lake.reading(writer.uri))).to_dict("records")
    assert writer.rows == 2
    assert first["full_name"] == "王小明"
    assert first["emails"] == ["a@b.example"]
    assert first["email_consent"] is True
    assert first["source_updated_at"] == pd.Timestamp(moment)
    assert first["delivered_on"] == date(2026, 8, 1)
    assert second["full_name"] is None
    assert second["emails"] == []
    assert second["email_consent"] is None


def test_every_attempt_writes_a_path_of_its_own(lake):
    assert str(lake.attempt_path("landed", "x")) != str(lake.attempt_path("landed", "x"))


def test_a_file_without_rows_yields_no_frame(lake):
    with lake.writing(schema_of("mapped", "customers"), "mapped", "x", "customers") as writer:
        pass
    assert list(lake.reading(writer.uri)) == []


@pytest.mark.parametrize("rows", [0, 1, 7, 20])
def test_a_long_frame_is_written_in_parts_and_comes_back_whole(lake, rows):
    frame = pd.DataFrame({"record_a": [f"a{n}" for n in range(rows)], "weight": [n / 4 for n in range(rows)]})
    uri = lake.put_long(frame, "edges", rows=3)
    assert lake.get(uri).to_dict("list") == frame.to_dict("list")
    assert lake.get(uri, 2, 6).to_dict("list") == frame.iloc[2:6].to_dict("list")


def test_reading_is_in_chunks_of_the_asked_size(lake):
    with lake.writing(cleaned_schema("customers"), "cleaned", "x", "customers") as writer:
        for n in range(5):
            writer.write(cleaned(position=n))
    chunks = list(lake.reading(writer.uri, rows=2))
    assert [len(chunk) for chunk in chunks] == [2, 2, 1]
    assert [n for chunk in chunks for n in chunk["position"]] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("kind", ["customers", "interactions"])
def test_each_stage_keeps_the_columns_of_its_kind(kind):
    assert schema_of("mapped", kind).names == [*ROW_COLUMNS, *MAPPED_COLUMNS, *names(kind, "mapped")]
    assert set(schema_of("cleaned", kind).names) >= {*ROW_COLUMNS, *names(kind), "region", "flags", "changes"}


@pytest.mark.parametrize(("start", "stop"), [(0, 10), (0, 0), (3, 4), (2, 7), (9, 10), (10, 10)])
def test_a_part_of_a_file_is_read_across_its_row_groups(lake, start, stop):
    frame = pd.DataFrame({"a": range(10), "text": [str(n) for n in range(10)]})
    path = lake.attempt_path("pairs")
    frame.to_parquet(path.path, row_group_size=3)
    part = lake.get(str(path), start, stop)
    assert part.to_dict("list") == frame.iloc[start:stop].to_dict("list")
    assert part.dtypes.equals(lake.get(str(path)).dtypes)


@pytest.mark.parametrize("lengths", [[0], [3], [2, 0, 5]])
def test_columns_of_numbers_come_back_batch_by_batch(lake, lengths):
    def batches():
        for place, length in enumerate(lengths):
            names = pa.array([str(n) for n in range(length)], pa.large_string())
            yield pa.RecordBatch.from_pydict({"key": np.arange(length, dtype=np.uint64) + place, "name": names})

    uri = lake.put_batches(batches(), "register")
    assert [batch.to_pydict() for batch in lake.batches(uri)] == [batch.to_pydict() for batch in batches()]


def test_columns_of_numbers_in_a_folder_are_not_read_before_they_are_looked_at(lake):
    uri = lake.put_batches([pa.RecordBatch.from_pydict({"key": np.arange(1_000_000, dtype=np.uint64)})], "register")
    before = pa.total_allocated_bytes()
    (batch,) = lake.batches(uri)
    assert pa.total_allocated_bytes() - before < 1_000_000
    key = batch.column("key").to_numpy()
    assert not key.flags.owndata
    assert key[-1] == 999_999


def test_a_file_of_columns_that_was_cut_short_is_refused(lake):
    uri = lake.put_batches([pa.RecordBatch.from_pydict({"key": np.arange(1000, dtype=np.uint64)})], "register")
    path = Path(ObjectStoragePath(uri).path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match=r"Arrow|footer|file"):
        lake.batches(uri)
