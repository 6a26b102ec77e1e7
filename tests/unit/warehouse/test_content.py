"""Content hashes see what was said, and not how; odd characters are made storable before they are hashed."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.warehouse.bulk import cells, storable, storable_json
from include.warehouse.content import DELETED_HASH, content_hash

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


def test_a_content_hash_never_changes_between_versions_of_the_project() -> None:
    told = content_hash(["full_name", "emails", "email_consent", "email_consent_at"], ["Åsa", ["a@example.org"], False, NOON])
    assert told == "09d6ade001adf466088d9cb609466c0b003df741760af499420227cef990d618"


def test_a_field_that_is_added_later_leaves_old_hashes_alone() -> None:
    assert content_hash(["full_name"], ["Åsa"]) == content_hash(["full_name", "new", "set"], ["Åsa", None, []])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("12.50"), Decimal("12.5")),
        (Decimal(100), Decimal("1E+2")),
        (NOON, NOON.astimezone(timezone(timedelta(hours=9)))),
    ],
)
def test_the_same_value_written_otherwise_is_the_same_content(one: object, other: object) -> None:
    assert content_hash(["x"], [one]) == content_hash(["x"], [other])


@pytest.mark.parametrize(("one", "other"), [(False, None), (["a", "b"], ["b", "a"]), ("", None)])
def test_another_value_is_other_content(one: object, other: object) -> None:
    assert content_hash(["x"], [one]) != content_hash(["x"], [other])


def test_no_living_record_hashes_like_a_tombstone() -> None:
    assert content_hash(["deleted"], ["true"]) != DELETED_HASH != content_hash([], [])


@given(st.text(st.characters()))  # surrogates included
def test_any_text_becomes_storable_and_storable_text_stays(value: str) -> None:
    kept = storable(value)
    kept.encode()
    assert "\x00" not in kept
    assert storable(kept) == kept
    if kept != value:
        assert "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value)


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ('{"a": "\\u0000"}', '{"a": "\ufffd"}'),
        ('["\\ud800"]', '["\ufffd"]'),
        ('{"n": NaN}', '{"n": "NaN"}'),
        ("not json \\u", '"not json \\\\u"'),
    ],
)
def test_json_that_jsonb_refuses_is_mended(given_: str, kept: str) -> None:
    assert storable_json(given_) == kept


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT])
@pytest.mark.parametrize("kind", ["text", "date", "timestamp", "boolean", "integer", "number", "json"])
def test_missing_is_none_whatever_pandas_calls_it(missing: object, kind: str) -> None:
    assert cells(pd.Series([missing], dtype=object), kind) == [None]  # type: ignore[arg-type]


def test_a_missing_set_is_empty() -> None:
    assert cells(pd.Series([None, float("nan"), ["a"], ("b",)], dtype=object), "texts") == [[], [], ["a"], ["b"]]
