"""What faults did is kept as it comes: a run that was stopped is gone on with, and only where the code is the same."""

import re
from pathlib import Path

import pytest

from tests.faults.record import Found, Record

SURVIVED = Found("worker killed", "stage, half way")
FAILED = Found("worker killed", "publish, half way", wrong=["golden.customer is another"])
REFUSED = Found("file: cut off", "csv: half of it", refused=True, said=["store_pos/x.csv line 3 is cut off"])


def left(record: Record) -> list[Found]:
    return record.still_to_do([SURVIVED, FAILED, REFUSED], lambda found: (found.group, found.fault))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Of a run that was stopped after its second fault, in the middle of writing the third."""
    path = tmp_path / "state" / "faults.jsonl"
    record = Record(path, "this code")
    record.add(SURVIVED)
    record.add(FAILED)
    with path.open("a") as file:
        file.write('{"group": "file: cut')
    return path


def test_a_stopped_run_is_gone_on_with_what_is_left_and_what_failed(path: Path) -> None:
    record = Record(path, "this code", go_on=True)
    assert left(record) == [FAILED, REFUSED]
    assert not record.survived
    record.add(Found(FAILED.group, FAILED.fault))
    record.add(REFUSED)
    assert record.survived
    assert left(Record(path, "this code", go_on=True)) == []


def test_a_run_of_other_code_is_not_gone_on_with(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert left(Record(path, "other code", go_on=True)) == [SURVIVED, FAILED, REFUSED]
    assert "other code" in capsys.readouterr().out


def test_unasked_every_fault_strikes_again(path: Path) -> None:
    assert left(Record(path, "this code")) == [SURVIVED, FAILED, REFUSED]


def test_the_table_counts_ends_refusals_and_failures_by_kind(capsys: pytest.CaptureFixture[str]) -> None:
    record = Record()
    for found in (SURVIVED, FAILED, REFUSED):
        record.add(found)
    assert "golden.customer is another" in capsys.readouterr().out
    columns, *lines = (re.split("  +", line.strip()) for line in record.table())
    assert columns == ["faults", "struck", "told", "same end", "refused", "rows lost", "failed"]
    assert lines == [
        ["worker killed", "2", "2", "0", "1", "0", "0", "1"],
        ["file: cut off", "1", "1", "1", "0", "1", "0", "0"],
        ["all", "3", "3", "1", "1", "1", "0", "1"],
    ]
