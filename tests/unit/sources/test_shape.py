"""How raw fields change is told from a delivery beside those before it, by names and kinds alone."""

from typing import Any

import pytest

from include.sources.shape import Shape, changes
from tests.unit.sources.factory import source_of

FILE = "kiosk/2026-08-03/people.csv"


def shape(*rows: dict[str, Any]) -> Shape:
    seen = Shape()
    for row in rows:
        seen.see(FILE, row.items())
    return seen


def told(tmp_path: Any, before: Shape, now: Shape, unknown: tuple[str, ...] = (), missing: tuple[str, ...] = (), **declared: Any):
    stream = source_of(tmp_path, **declared).streams["people"]
    counted = dict.fromkeys((*unknown, *missing), (now.rows, FILE))
    of = [{name: counted[name] for name in names} for names in (unknown, missing)]
    return [(one.field, one.change, one.was, one.now) for one in changes(before, now, *of, stream)]


PEOPLE = [{"id": str(n), "name": f"Ana {'BC'[n % 2]}", "mail": f"a{n}@x.example"} for n in range(30)]
NESTED = {"format": "jsonl", "files": [{"pattern": "{date:%Y-%m-%d}/people.jsonl"}]}


def test_the_same_fields_have_not_changed(tmp_path):
    assert told(tmp_path, shape(*PEOPLE), shape(*PEOPLE[:5])) == []


def test_a_field_nobody_declared_is_added(tmp_path):
    now = shape(*({**row, "tier": "gold"} for row in PEOPLE))
    assert told(tmp_path, shape(*PEOPLE), now, unknown=("tier",)) == [("tier", "added", None, "text")]


def test_a_mapped_column_that_was_there_is_removed_and_one_that_never_was_is_not(tmp_path):
    now = shape(*({"id": row["id"]} for row in PEOPLE))
    assert told(tmp_path, shape(*PEOPLE), now, missing=("name", "nickname")) == [("name", "removed", "text", None)]


def test_a_member_that_every_record_had_is_removed_and_an_optional_one_is_not(tmp_path):
    before = shape(*({**row, **({"note": "x"} if n % 2 else {})} for n, row in enumerate(PEOPLE)))
    now = shape(*({"id": row["id"], "name": row["name"]} for row in PEOPLE))
    assert told(tmp_path, before, now, **NESTED) == [("mail", "removed", "text", None)]
    few = shape(*({"id": row["id"]} for row in PEOPLE[:3]))
    assert told(tmp_path, before, few, **NESTED) == [], "three records say nothing of a field"


@pytest.mark.parametrize("name", ["Name", "customer_name", "denominazione"])
def test_one_gone_and_one_like_it_is_renamed(tmp_path, name):
    now = shape(*({"id": row["id"], name: row["name"], "mail": row["mail"]} for row in PEOPLE))
    assert told(tmp_path, shape(*PEOPLE), now, unknown=(name,), missing=("name",)) == [(name, "renamed", "name", "text")]


def test_of_another_kind_it_is_no_new_name_of_the_old(tmp_path):
    now = shape(*({"id": row["id"], "names": 3, "mail": row["mail"]} for row in PEOPLE))
    found = told(tmp_path, shape(*PEOPLE), now, unknown=("names",), missing=("name",))
    assert found == [("name", "removed", "text", None), ("names", "added", None, "number")]


@pytest.mark.parametrize(
    ("value", "kind"), [(7, "number"), ("7", "number as text"), ("2026-08-01", "date"), ({"a": 1}, "record")]
)
def test_values_of_another_kind_are_retyped(tmp_path, value, kind):
    now = shape(*({**row, "name": value} for row in PEOPLE))
    assert told(tmp_path, shape(*PEOPLE), now) == [("name", "retyped", "text", kind)]


def test_an_empty_day_retypes_nothing(tmp_path):
    assert told(tmp_path, shape(*PEOPLE), shape(*({**row, "name": ""} for row in PEOPLE))) == []
