"""Reads tables of cases and judges answers; knows no job.

How ``expected`` is read:

- An answer is right when it is the expected text. JSON objects are compared as objects.
- A bare status (``invalid``, ``repair``, ``ok``) leaves open what stands behind it: ``invalid`` takes ``invalid|placeholder``.
- A note's ``any-of a|b`` names further right answers, its ``allow und`` lets the language stay unsettled.
- Romanised names are compared by their letters: whether syllables are joined says nothing. Place ids follow the name after ``|``.
"""

import csv
import json
import re
from pathlib import Path
from typing import NamedTuple

from tests.cases.jobs import JOBS, Answer

COLUMNS = ["input", "hint", "expected", "note"]
STATUSES = frozenset({"invalid", "repair", "ok", "valid", "multi", "partial"})
BY_LETTERS = frozenset({"romanise"})
ALTERNATIVES = frozenset({"countries"})
"""Jobs whose ``|`` parts what the value may mean rather than a status from a value: Georgia is GE or US-GA."""
_ANY_OF = re.compile(r"any-of ([^;()]+)")


class Failure(NamedTuple):
    """One case that went wrong."""

    input: str
    hint: str
    got: str
    expected: str
    note: str


class Table(NamedTuple):
    """What came of one job's table."""

    job: str
    total: int
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> int:
        """Cases that went right."""
        return self.total - len(self.failures)


def run(folder: Path) -> list[Table]:
    """Every table of a folder, by name."""
    return [run_table(path) for path in sorted(folder.glob("*.csv"))]


def run_table(path: Path) -> Table:
    """One table; a ``ValueError`` says what a table should be that is none."""
    if path.stem not in JOBS:
        raise ValueError(f"{path}: no job of that name. Valid: {', '.join(sorted(JOBS))}")
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != COLUMNS:
            raise ValueError(f"{path}: the columns must be {','.join(COLUMNS)}")
        cases = [{column: row[column] or "" for column in COLUMNS} for row in reader]
    answers = [JOBS[path.stem](case["input"], case["hint"]) for case in cases]
    failures = (
        Failure(case["input"], case["hint"], written(answer), case["expected"], case["note"])
        for case, answer in zip(cases, answers, strict=True)
        if not is_right(path.stem, answer, case["expected"], case["note"])
    )
    return Table(path.stem, len(cases), tuple(failures))


def is_right(job: str, answer: Answer, expected: str, note: str) -> bool:
    """Whether an answer is what a case expects."""
    if isinstance(answer, dict):
        return expected.startswith("{") and json.loads(expected) == answer
    accepted = [expected]
    if match := _ANY_OF.search(note):
        accepted += match[1].strip().split("|")
    if "allow und" in note:
        accepted.append("und")
    if job in ALTERNATIVES:
        accepted += expected.split("|")
    if job in BY_LETTERS:
        return _letters(answer) in {_letters(text) for text in accepted}
    return answer in accepted or (expected in STATUSES and answer.partition("|")[0] == expected)


def written(answer: Answer) -> str:
    """An answer as a table writes it."""
    return json.dumps(answer, ensure_ascii=False) if isinstance(answer, dict) else answer


def _letters(text: str) -> str:
    return re.sub(r"[\s-]", "", text)
