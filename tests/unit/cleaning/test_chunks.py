"""Cleaning in pieces and on several cores is the same cleaning."""

import gc
from pathlib import Path
from typing import Any

import billiard
import pandas as pd
import pytest

from include.cleaning import chunks
from include.cleaning.chunks import clean_chunks
from include.cleaning.frames import clean_customers
from include.cleaning.habits import Habits
from tests.unit.cleaning.factory import mapped


def frame(rows: int) -> pd.DataFrame:
    return mapped("customers", *({"full_name": f"Ana Reyes {n}", "emails": [f"ANA{n}@example.com"]} for n in range(rows)))


def as_in_manila(rows: pd.DataFrame) -> pd.DataFrame:
    return clean_customers(rows, Habits(default_country="PH"))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "ROWS_AT_ONCE", 10)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("sizes", [(5,), (25,), (10, 10), (3, 0, 47, 1), (0,), ()])
def test_every_row_comes_out_once_in_order_and_as_if_cleaned_whole(processes: int, sizes: tuple[int, ...]) -> None:
    whole = frame(sum(sizes))
    parts, start = [], 0
    for size in sizes:
        parts.append(whole.iloc[start : start + size])
        start += size
    cleaned = list(clean_chunks(parts, as_in_manila, processes))
    assert all(0 < len(part) <= 10 for part in cleaned)
    if not len(whole):
        assert cleaned == []
        return
    pd.testing.assert_frame_equal(pd.concat(cleaned, ignore_index=True), as_in_manila(whole.reset_index(drop=True)))


@pytest.mark.usefixtures("small")
def test_no_more_frames_are_read_ahead_than_cores_need() -> None:
    read: list[int] = []

    def arriving() -> Any:
        for n in range(20):
            read.append(n)
            yield frame(10)

    stream = clean_chunks(arriving(), as_in_manila, 2)
    next(stream)
    assert len(read) <= 5
    stream.close()


@pytest.mark.usefixtures("small")
def test_what_breaks_in_a_worker_breaks_the_step() -> None:
    def broken(_frame: pd.DataFrame) -> pd.DataFrame:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(clean_chunks([frame(30)], broken, 2))


def test_the_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    list(clean_chunks([frame(3)], as_in_manila, 1))
    assert gc.isenabled()


@pytest.mark.usefixtures("small")
def test_a_worker_of_celery_may_have_no_children_and_cleans_by_itself(tmp_path: Path) -> None:
    """Its pool's processes are daemons, and so is a task that Airflow forks from one."""
    worker = billiard.Process(target=_clean_and_tell, args=(tmp_path / "rows",), daemon=True)
    worker.start()
    worker.join(60)
    assert (tmp_path / "rows").read_text(encoding="utf-8") == "25"


def _clean_and_tell(where: Path) -> None:
    cleaned = clean_chunks([frame(25)], as_in_manila, 2)
    where.write_text(str(sum(map(len, cleaned))), encoding="utf-8")
