"""Who is in the exports, read without the project's own readers, and a search for them in whatever text there is."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_MAIL = re.compile(r"[^\s@,;<>\"']+@[^\s@,;<>\"']+\.[^\s@,;<>\"']+")
_NAME_KEYS = {"full_name", "name", "Customer Name"}
_NAME_PAIRS = (("firstName", "lastName"), ("First Name", "Last Name"))
_PHONE_KEYS = {"phone", "phone_number", "Phone Number"}
_SHORTEST_NAME, _SHORTEST_PHONE = 8, 9
"""Shorter ones stand in any text by chance: 'Al Li', '12345678' in a number of an hour."""


def personal_values(exports: Path) -> set[str]:
    """Every e-mail address, every phone number (as written, and its digits) and every full name of the exports, in lower case."""
    found: set[str] = set()
    for file in sorted(exports.rglob("*")):
        if file.is_file():
            for row in _rows(file):
                found |= set(_values(row))
    return found


def found_in(text: str, values: Iterable[str]) -> set[str]:
    """Which of the values stand in the text, whatever its case and whether it is escaped as JSON."""
    # Services say the same thing many times.
    lines = "\n".join(set(text.lower().splitlines()))
    if "\\u" in lines:
        lines += "\n" + re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), lines).lower()
    return {value for value in values if value in lines}


def masked(values: Iterable[str]) -> list[str]:
    """What a failed test may say of values it found: the tests' own output is a log too."""
    return sorted(f"{value[:2]}...{value[-2:]} ({len(value)} characters)" for value in values)


def _rows(file: Path) -> Iterator[Any]:
    raw = file.read_bytes()
    text = raw.decode("utf-16") if raw.startswith(b"\xff\xfe") else raw.decode("utf-8-sig", errors="replace")
    if file.suffix == ".csv":
        lines = text.splitlines()
        yield from csv.DictReader(lines, delimiter="\t" if lines and "\t" in lines[0] else ",")
    else:
        for part in [text] if file.suffix == ".json" else text.splitlines():
            try:
                yield json.loads(part)
            except ValueError:
                continue  # cut on purpose; the whole line follows, or the whole file


def _values(node: Any) -> Iterator[str]:
    """Walk a record, nested or flat."""
    if isinstance(node, list):
        for item in node:
            yield from _values(item)
    elif isinstance(node, dict):
        for first, last in _NAME_PAIRS:
            yield from _name(f"{node.get(first) or ''} {node.get(last) or ''}")
        for key, value in node.items():
            if isinstance(value, str):
                yield from (mail.lower() for mail in _MAIL.findall(value))
                if key in _NAME_KEYS:
                    yield from _name(value)
                if key in _PHONE_KEYS:
                    yield from _phone(value)
            else:
                yield from _values(value)


def _name(text: str) -> Iterator[str]:
    name = " ".join(text.lower().split())
    if len(name) >= _SHORTEST_NAME and " " in name:
        yield name


def _phone(text: str) -> Iterator[str]:
    number = text.removeprefix("p:").strip().lower()
    digits = re.sub(r"\D", "", number)
    if len(digits) >= _SHORTEST_PHONE and len(set(digits)) > 2:
        yield from {number, digits}
