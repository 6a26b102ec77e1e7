import json
import uuid
from datetime import datetime, timedelta, timezone
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.golden.content_hash import row_hashes, total
from include.golden.fields import ADDED
from include.golden.survivorship import survive
from tests.unit.golden.factory import DAY_ONE, TRUST, record, snapshot


def customers():
    first = record(
        "a", str(uuid.UUID(int=1)), full_name="José 山田", emails=["j@x.org"], email_consent=True, first_seen_at=DAY_ONE
    )
    return survive(snapshot(first, record("b", str(uuid.UUID(int=2)))), TRUST)[0]


CANONICAL = (
    '{"customer_id":"00000000-0000-0000-0000-000000000001","full_name":"José 山田","title":null,"given_name":null,'
    '"middle_name":null,"family_name":null,"name_suffix":null,"nickname":null,"company_name":null,"birth_date":null,'
    '"gender":null,"language":null,"emails":["j@x.org"],"phones":[],"handles":[],"loyalty_ids":[],"external_ids":[],'
    '"address_line":null,"city":null,"subdivision":null,"postcode":null,"country":null,"email_consent":true,'
    '"email_consent_at":null,"sms_consent":null,"sms_consent_at":null,"first_seen_at":"2026-01-01T00:00:00.000000Z",'
    '"last_seen_at":null,"region":"eu","sources":["web"],"record_count":1}'
)


def test_a_rows_hash_is_frozen():
    assert row_hashes(customers())[0] == sha256(CANONICAL.encode()).digest()


def test_a_field_that_came_later_leaves_the_hash_of_whoever_lacks_it_and_is_hashed_where_it_is_held():
    frame = customers().astype(object)
    assert frame[sorted(ADDED)].isna().all(axis=None)
    for name, value, told in (("phone_consent", False, "false"), ("post_consent_at", DAY_ONE, '"2026-01-01T00:00:00.000000Z"')):
        said = frame.assign(**{name: pd.Series([value, None], dtype=object)})
        place = ',"first_seen_at"'
        held = CANONICAL.replace(place, f',"{name}":{told}{place}')
        assert row_hashes(said) == [sha256(held.encode()).digest(), row_hashes(frame)[1]]


@given(st.text(), st.lists(st.text()))
def test_any_text_is_told_as_json_tells_it(name, emails):
    odd = customers().astype(object).assign(nickname=[name, None], emails=pd.Series([emails, []], dtype=object))
    told = json.loads(CANONICAL) | {"nickname": name, "emails": emails}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    assert row_hashes(odd)[0] == sha256(text.encode()).digest()


def test_the_driver_s_types_hash_like_our_own():
    ours = customers()
    theirs = ours.astype(object)
    theirs["customer_id"] = theirs["customer_id"].map(uuid.UUID)
    theirs["first_seen_at"] = pd.Series([DAY_ONE.astimezone(timezone(timedelta(hours=8))), None], dtype=object)
    theirs["last_seen_at"] = [pd.NaT, float("nan")]
    theirs["email_consent"] = [np.bool_(True), pd.NA]
    theirs["record_count"] = [np.int64(1), 1]
    theirs["emails"] = [np.array(["j@x.org"], dtype=object), ()]
    assert row_hashes(theirs) == row_hashes(ours)


def test_the_order_of_columns_and_further_columns_do_not_matter():
    frame = customers()
    turned = frame[frame.columns[::-1]].assign(row_hash=b"")
    assert row_hashes(turned) == row_hashes(frame)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", "José 山田 "),
        ("full_name", None),
        ("emails", []),
        ("emails", ["j@x.org", "k@x.org"]),
        ("email_consent", False),
        ("email_consent", None),
        ("record_count", 2),
        ("nickname", "José 山田"),
        ("first_seen_at", DAY_ONE + timedelta(microseconds=1)),
    ],
)
def test_any_difference_of_content_changes_the_hash(field, value):
    frame = customers()
    other = frame.astype(object)
    column = list(other[field])
    other[field] = pd.Series([value, *column[1:]], dtype=object)
    assert row_hashes(other)[0] != row_hashes(frame)[0]
    assert row_hashes(other)[1] == row_hashes(frame)[1]


def test_values_do_not_run_into_one_another():
    frame = customers().astype(object)
    one, other = frame.copy(), frame.copy()
    one["emails"] = [['a","b'], []]
    other["emails"] = [["a", "b"], []]
    assert row_hashes(one)[0] != row_hashes(other)[0]


@pytest.mark.parametrize("value", [datetime(2026, 1, 1), {"a": "secret"}])  # noqa: DTZ001
def test_what_has_no_canonical_form_is_refused_without_showing_it(value):
    frame = customers().astype(object)
    frame["nickname"] = [value, None]
    with pytest.raises(TypeError) as error:
        row_hashes(frame)
    assert "secret" not in str(error.value)


@given(st.lists(st.binary(min_size=32, max_size=32)), st.randoms(use_true_random=False))
def test_the_total_does_not_depend_on_order(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert total(shuffled) == total(rows)
    assert len(total(rows)) == 64


@given(st.lists(st.binary(min_size=32, max_size=32)), st.binary(min_size=32, max_size=32))
def test_one_row_more_changes_the_total(rows, row):
    assert (total([*rows, row]) == total(rows)) == (row == bytes(32))


def test_the_total_wraps_and_starts_at_zero():
    assert total([]) == "0" * 64
    assert total([b"\xff" * 32, bytes(31) + b"\x02"]) == "0" * 63 + "1"
