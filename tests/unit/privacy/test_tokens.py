"""Record ids are opaque, stable, and never collide by concatenation."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import DeclarationError
from include.privacy.tokens import Tokens

TOKENS = Tokens(bytes(range(32)), "test-1")


def test_a_record_id_never_changes_between_versions_of_the_project() -> None:
    token = TOKENS.record_id("online_sales", 1, "customers", "gid://shopify/Customer/7")
    assert str(token) == "17c1432d-82fb-8d34-a0ef-0c2d1e7f5c34"


def test_a_record_id_is_a_version_8_uuid() -> None:
    token = TOKENS.record_id("s", 1, "c", "k")
    assert (token.version, token.variant) == (8, uuid.RFC_4122)


@pytest.mark.parametrize("other", [("t", 1, "c", "k"), ("s", 2, "c", "k"), ("s", 1, "d", "k"), ("s", 1, "c", "l")])
def test_source_epoch_stream_and_key_all_tell_records_apart(other: tuple[str, int, str, str]) -> None:
    assert TOKENS.record_id("s", 1, "c", "k") != TOKENS.record_id(*other)


def test_another_key_gives_other_ids() -> None:
    assert Tokens(b"another key, also long enough", "2").record_id("s", 1, "c", "k") != TOKENS.record_id("s", 1, "c", "k")


@given(st.text(), st.text(), st.text(), st.text())
def test_parts_do_not_run_together(stream: str, key: str, other_stream: str, other_key: str) -> None:
    same = (stream, key) == (other_stream, other_key)
    assert (TOKENS.record_id("s", 1, stream, key) == TOKENS.record_id("s", 1, other_stream, other_key)) is same


def test_many_ids_are_the_single_ones_and_a_row_without_key_has_none() -> None:
    keys = ["a", None, "ß", "", float("nan"), "\ud800"]
    expected = [None if k is None or isinstance(k, float) else str(TOKENS.record_id("s", 1, "c", k)) for k in keys]
    assert TOKENS.record_ids("s", 1, "c", keys) == expected  # type: ignore[arg-type]


def test_the_key_is_never_shown() -> None:
    assert repr(TOKENS) == "Tokens(key_id='test-1')"


def test_a_short_key_is_refused() -> None:
    with pytest.raises(DeclarationError, match="at least 16"):
        Tokens(b"short", "1")
