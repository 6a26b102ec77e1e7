"""Gives every test that asks for a ``case`` the rows of the table its ``table`` marker names, one run a row."""

import csv
from pathlib import Path
from typing import NamedTuple

TABLES = Path(__file__).parent / "tables"


class Case(NamedTuple):
    input: str
    hint: str | None
    expected: str
    note: str

    @property
    def flags(self) -> set[str] | None:
        """Flags the note asks for, None where it asks for none in particular."""
        if not self.note.startswith("flags="):
            return None
        return set(filter(None, self.note.removeprefix("flags=").split()))


def pytest_configure(config):
    config.addinivalue_line("markers", "table(name): the table beside this file that fills `case`")


def pytest_generate_tests(metafunc):
    marker = metafunc.definition.get_closest_marker("table")
    if marker:
        with (TABLES / f"{marker.args[0]}.csv").open(newline="", encoding="utf-8") as file:
            cases = [Case(row["input"], row["hint"] or None, row["expected"], row["note"] or "") for row in csv.DictReader(file)]
        metafunc.parametrize("case", cases, ids=[f"{case.hint or ''}-{i}" for i, case in enumerate(cases)])
