"""Content hashes see what was said, and not how; odd characters are made storable before they are hashed."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.warehouse.bulk import cells, storable, storable_json
from include.warehouse.content import DELETED_HASH, content_hashes

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


def hashed(**content: object) -> str:
    """The hash of one row."""
    return content_hashes({name: [value] for name, value in content.items()})[0]


def test_a_content_hash_never_changes_between_versions_of_the_project() -> None:
    told = hashed(full_name="Åsa", emails=["a@example.org"], email_consent=False, email_consent_at=NOON)
    assert told == "09d6ade001adf466088d9cb609466c0b003df741760af499420227cef990d618"


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.none() | _TEXTS | st.booleans() | st.integers() | st.lists(_TEXTS))))
def test_the_content_is_json_of_what_is_there(rows: list[dict[str, object]]) -> None:
    told = content_hashes({name: [row.get(name) for row in rows] for name in ("d", "b", "c", "a")})
    held = [{name: value for name, value in row.items() if value is not None and value != []} for row in rows]
    written = [json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for row in held]
    assert told == [sha256(text.encode()).hexdigest() for text in written]


def test_a_field_that_is_added_later_leaves_old_hashes_alone() -> None:
    assert hashed(full_name="Åsa") == hashed(full_name="Åsa", new=None, set=[])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("12.50"), Decimal("12.5")),
        (Decimal(100), Decimal("1E+2")),
        (NOON, NOON.astimezone(timezone(timedelta(hours=9)))),
    ],
)
def test_the_same_value_written_otherwise_is_the_same_content(one: object, other: object) -> None:
    assert hashed(x=one) == hashed(x=other)


@pytest.mark.parametrize(("one", "other"), [(False, None), (["a", "b"], ["b", "a"]), ("", None)])
def test_another_value_is_other_content(one: object, other: object) -> None:
    assert hashed(x=one) != hashed(x=other)


def test_no_living_record_hashes_like_a_tombstone() -> None:
    assert hashed(deleted="true") != DELETED_HASH != hashed(deleted=None)


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
