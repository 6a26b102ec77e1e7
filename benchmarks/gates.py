"""What judging costs: a million customer rows through the gates that follow mapping and cleaning.

The rows are drawn from the sample world's people, mapped and cleaned before the clock starts, and read back from Parquet in the
pipeline's chunks while it runs, as a gate does. A twentieth of them is drawn, and told twenty times under other record ids:
drawing and cleaning a million would take longer than all that is measured.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.customers import mapped_frames
from benchmarks.memory import Memory
from include.cleaning.frames import clean_rows
from include.cleaning.habits import Habits
from include.quality import Gate, load_suite
from include.quality.judging import warm
from suki.frames import cleaned_schema, from_table, mapped_schema, to_table
from suki.lake import CHUNK_ROWS

_TOLD = 20
_ASKED = 12
"""Expectations of the smaller suite: the first this many that a suite declares."""


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Time the gates.", prog="python -m benchmarks.gates")
    options.add_argument("--rows", type=int, default=1_000_000)
    given = options.parse_args()
    warm()  # as whatever forks the tasks does (suki.listeners.warm_start)
    with tempfile.TemporaryDirectory(prefix="bench-gates-") as folder:
        print(f"Drawing and cleaning {given.rows // _TOLD:,} records", flush=True)
        files = _draw(Path(folder), given.rows // _TOLD)
        print("suite                expectations       rows    CPU s   rows/s   more memory", flush=True)
        for name, file in files.items():
            for asked in (_ASKED, None):
                for rows in (given.rows // 4, given.rows):
                    _measure(name, file, asked, rows)
    return 0


def _draw(folder: Path, rows: int) -> dict[str, Path]:
    schemas = {"mapped_customers": mapped_schema("customers"), "cleaned_customers": cleaned_schema("customers")}
    files = {name: folder / f"{name}.parquet" for name in schemas}
    with (
        pq.ParquetWriter(files["mapped_customers"], schemas["mapped_customers"]) as mapped,
        pq.ParquetWriter(files["cleaned_customers"], schemas["cleaned_customers"]) as cleaned,
    ):
        for frame in mapped_frames(rows):
            mapped.write_table(to_table(frame, schemas["mapped_customers"]))
            done = clean_rows(frame, "customers", Habits()).frame
            cleaned.write_table(to_table(done.assign(cleaning_version=1, region="eu"), schemas["cleaned_customers"]))
    return files


def _measure(name: str, file: Path, asked: int | None, rows: int) -> None:
    suite = load_suite(name)
    if asked:
        suite = suite.model_copy(update={"expectations": suite.expectations[1 : asked + 1]})
    reading = 0.0
    with Memory() as memory:
        time.sleep(0.5)
        before = memory.peak
        gate, began = Gate(suite, facts={"new_record_share": None}), time.process_time()
        chunks = _chunks(file, rows)
        while True:
            opened = time.process_time()
            chunk = next(chunks, None)
            reading += time.process_time() - opened
            if chunk is None:
                break
            gate.split(chunk)
        verdict = gate.close()
        took = time.process_time() - began - reading
    more = (memory.peak - before) / 1e6
    print(f"{name:20} {len(suite.expectations):12} {rows:10,} {took:8.1f} {rows / took:8,.0f} {more:9,.0f} MB", flush=True)
    if verdict.closed:
        print(verdict.sentence)


def _chunks(file: Path, rows: int) -> Iterator[pd.DataFrame]:
    """The rows of a file again and again, each time under other record ids, until there are as many."""
    left = rows
    while left > 0:
        for batch in pq.ParquetFile(file).iter_batches(batch_size=CHUNK_ROWS):
            frame = from_table(pa.Table.from_batches([batch])).head(left)
            first = rows - left
            frame["record_id"] = [str(UUID(int=first + n)) for n in range(len(frame))]
            frame["position"] = range(first + 1, first + 1 + len(frame))
            left -= len(frame)
            if len(frame):
                yield frame


if __name__ == "__main__":
    sys.exit(main())
