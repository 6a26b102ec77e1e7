"""The picture of a past day is of that day: what was said by then (valid time), as it was believed on another (recorded time)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from include.customer import CONSENTS
from include.golden.content_hash import row_hashes
from include.golden.survivorship import survive
from include.warehouse import snapshot
from include.warehouse.publish import publish
from tests.integration.warehouse.conftest import Warehouse, at, met, said
from tests.integration.warehouse.publications import customer_id, publication

pytestmark = pytest.mark.integration

TRUST = {"shop": {"default": 0.5}}


def resolve(warehouse: Warehouse, groups: Mapping[str, Sequence[str]], **more: Any) -> None:
    """Publish this partition with the values that the golden rules choose."""
    given = publication(warehouse.resolver, groups, **more)
    records = snapshot.current_customers(warehouse.resolver).merge(given.memberships, on="record_id")
    customers, proofs = survive(records, TRUST)
    publish(warehouse.resolver, publication(
        warehouse.resolver, groups, customers=customers.assign(row_hash=row_hashes(customers)), proofs=proofs, **more
    ))  # fmt: skip


def says(warehouse: Warehouse, name: str, day: float, **values: Any) -> None:
    """From that day on the record says this."""
    row = said(name, day, "somebody", **{"full_name": "Ana Cruz", **values})
    warehouse.stage([row], warehouse.land(int(day), [name]).manifest_id)


def deleted(warehouse: Warehouse, name: str, day: int) -> None:
    warehouse.stage([said(name, day, None)], warehouse.land(day, [name]).manifest_id)


def picture(
    warehouse: Warehouse, day: float, *columns: str, anchor: str = "a", believed: datetime | None = None
) -> tuple[Any, ...]:
    moments = "CAST(:day AS timestamptz)" + (", CAST(:believed AS timestamptz)" if believed else "")
    found = warehouse.query(
        f"SELECT {', '.join(columns)} FROM golden.profile_at({moments}) WHERE customer_id = :id",
        day=at(day), id=customer_id(anchor), **({"believed": believed} if believed else {}),
    )  # fmt: skip
    return found[0] if found else ()


def published_on(warehouse: Warehouse, *days: datetime) -> None:
    """Publications as if they had been of these days, and deliveries as if of the days they tell of."""
    warehouse.query("UPDATE staging.record_version SET recorded_at = CAST(delivered_on AS timestamptz) RETURNING 1")
    for sequence, day in enumerate(days, start=1):
        warehouse.query("UPDATE ops.resolve_run SET recorded_at = :day WHERE sequence = :n RETURNING 1", day=day, n=sequence)


HOME = {"address_line": "1 Old Street", "postcode": "1000", "city": "Makati", "country": "PH"}
NEW_HOME = {"address_line": "2 New Street", "city": "Cebu", "country": "PH"}

VALUES = [
    ("display_name", {"full_name": "Ana Cruz"}, {"full_name": "Ana Reyes"}, "Ana Cruz", "Ana Reyes"),
    ("display_name", {"full_name": None, "company_name": "Acme"}, {"full_name": None, "company_name": "Bolt"}, "Acme", "Bolt"),
    ("display_name", {"full_name": None, "nickname": "Nan"}, {"full_name": None, "nickname": "Nina"}, "Nan", "Nina"),
    ("romanised_name", {"given_key": "ana", "family_key": "cruz"},
     {"full_name": "Ana Reyes", "given_key": "ana", "family_key": "reyes"}, "Ana Cruz", "Ana Reyes"),
    ("language", {"language": "es"}, {"language": "en"}, "es", "en"),
    ("birth_date", {"birth_date": "1990"}, {"birth_date": "1990-05-17"}, "1990", "1990-05-17"),
    ("birth_date_precision", {"birth_date": "1990"}, {"birth_date": "1990-05-17"}, "year", "day"),
    ("age_band", {}, {"birth_date": "1990-05-17"}, None, "35-44"),
    ("primary_email", {"emails": ["old@x.org"]}, {"emails": ["new@x.org"]}, "old@x.org", "new@x.org"),
    ("primary_phone", {"phones": ["+1"]}, {"phones": ["+2"]}, "+1", "+2"),
    ("address", HOME, NEW_HOME, "1 Old Street, 1000, Makati", "2 New Street, Cebu"),
    ("country", {"country": "PH"}, {"country": "JP"}, "PH", "JP"),
    ("social_handles", {}, {"handles": ["x:ana"]}, [], ["x:ana"]),
    ("loyalty_cards", {"loyalty_ids": ["1"]}, {"loyalty_ids": ["2"]}, ["1"], ["2"]),
    ("loyalty_tier", {}, {"loyalty_ids": ["2"]}, None, "bronze"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "before", "since", "then", "now"), VALUES, ids=[f"{n}-{v[0]}" for n, v in enumerate(VALUES)])
def test_a_golden_value_of_a_past_day_is_what_was_said_by_then(
    warehouse: Warehouse, column: str, before: dict[str, Any], since: dict[str, Any], then: Any, now: Any
) -> None:
    says(warehouse, "a", 2, **before)
    says(warehouse, "a", 6, **since)
    resolve(warehouse, {"a": "a"})
    assert picture(warehouse, 4, column) == (then,)
    assert picture(warehouse, 7, column) == (now,)


def test_what_only_a_record_of_later_tells_is_not_known_yet_and_what_another_told_is(warehouse: Warehouse) -> None:
    says(warehouse, "b", 2, full_name="Ana Cruz", emails=["b@x.org"])
    says(warehouse, "a", 6, full_name="Ana Maria Cruz", emails=["a@x.org"], phones=["+1"])
    resolve(warehouse, {"a": "ab"})
    asked = ("display_name", "emails -> 0 ->> 'value'", "jsonb_array_length(emails)", "primary_phone", "record_count")
    assert picture(warehouse, 4, *asked) == ("Ana Cruz", "b@x.org", 1, None, 1)
    assert picture(warehouse, 7, *asked)[2:] == (2, "+1", 2)


def test_of_two_values_of_a_day_the_one_that_is_believed_now_stands(warehouse: Warehouse) -> None:
    says(warehouse, "a", 2, full_name="Ana Cruz", **HOME)
    says(warehouse, "b", 3, full_name="A. Cruz", address_line="9 Other Road", city="Cebu", country="PH")
    says(warehouse, "a", 2.5, full_name="Ana Cruz", **HOME, note="again")
    resolve(warehouse, {"a": "ab"})
    now = picture(warehouse, 30, "display_name", "address")
    says(warehouse, "a", 8, full_name="Ana Cruz", **HOME, note="once more")
    assert picture(warehouse, 4, "display_name", "address") == now


@pytest.mark.parametrize("answer", CONSENTS)
def test_a_consent_is_none_before_it_was_given_and_stands_until_it_was_withdrawn(warehouse: Warehouse, answer: str) -> None:
    says(warehouse, "a", 2)
    says(warehouse, "a", 4, **{answer: True, f"{answer}_at": at(4)})
    says(warehouse, "a", 6, **{answer: False, f"{answer}_at": at(6)})
    resolve(warehouse, {"a": "a"})
    shown = [picture(warehouse, day, f"{answer}_state", f"{answer}_at", answer) for day in (3, 5, 7)]
    assert shown == [(None, None, None), ("granted", at(4), True), ("refused", at(6), False)]
    told = [
        warehouse.query("SELECT state, answered_at, source, proof IS NOT NULL FROM golden.v_consent_at(:m)", m=at(day))
        for day in (3, 5, 7)
    ]
    assert told == [[], [("granted", at(4), "shop", True)], [("refused", at(6), "shop", True)]]


def test_a_permission_told_of_before_the_day_it_names_is_none_until_then(warehouse: Warehouse) -> None:
    says(warehouse, "a", 2, email_consent=True, email_consent_at=at(5))
    resolve(warehouse, {"a": "a"})
    assert picture(warehouse, 3, "email_consent_state") == (None,)
    assert picture(warehouse, 6, "email_consent_state") == ("granted",)
    assert warehouse.query("SELECT state FROM golden.v_consent_at(:m)", m=at(3)) == []


def test_of_several_answers_of_a_day_the_most_restrictive_stands(warehouse: Warehouse) -> None:
    says(warehouse, "a", 2, email_consent=True, email_consent_at=at(2))
    says(warehouse, "b", 3, email_consent=False, email_consent_at=at(3))
    says(warehouse, "b", 6, email_consent=True, email_consent_at=at(6))
    resolve(warehouse, {"a": "ab"})
    assert [picture(warehouse, day, "email_consent_state", "email_consent_at") for day in (2.5, 4, 7)] == [
        ("granted", at(2)), ("refused", at(3)), ("granted", at(6))
    ]  # fmt: skip


def test_an_undated_permission_of_a_past_day_expires_by_when_it_had_been_told(warehouse: Warehouse) -> None:
    says(warehouse, "a", 2, email_consent=True)
    says(warehouse, "a", 50, email_consent=True, note="told anew")
    resolve(warehouse, {"a": "a"})
    told = [warehouse.query("SELECT state, told_at FROM golden.v_consent_at(:m)", m=at(day)) for day in (9, 60)]
    assert told == [[("granted", at(2))], [("granted", at(50))]]


def test_what_leaves_the_house_goes_by_who_refused_since(warehouse: Warehouse) -> None:
    says(warehouse, "a", 2, email_consent=True, email_consent_at=at(2))
    says(warehouse, "a", 6, email_consent=False, email_consent_at=at(6))
    resolve(warehouse, {"a": "a"})
    assert picture(warehouse, 4, "email_consent_state") == ("granted",), "it was so then"
    assert warehouse.query("SELECT state FROM golden.consent_reckoned_at(:m)", m=at(4)) == [("refused",)]
    assert warehouse.query("SELECT email_consent_state FROM golden.profile_reckoned_at(:m)", m=at(4)) == [("refused",)]


def test_who_was_not_known_yet_is_not_there_and_who_was_deleted_since_is(warehouse: Warehouse) -> None:
    says(warehouse, "a", 2, full_name="Ana Cruz")
    says(warehouse, "c", 6, full_name="Cy Tan")
    resolve(warehouse, {"a": "a", "c": "c"})
    deleted(warehouse, "a", 8)
    resolve(warehouse, {"c": "c"})
    everybody = "SELECT display_name FROM golden.profile_at(:m) ORDER BY 1"
    assert [warehouse.query(everybody, m=at(day)) for day in (1, 4, 7, 9)] == [
        [], [("Ana Cruz",)], [("Ana Cruz",), ("Cy Tan",)], [("Cy Tan",)]
    ]  # fmt: skip


def test_who_had_bought_before_their_record_spoke_is_there_with_what_they_bought(warehouse: Warehouse) -> None:
    says(warehouse, "a", 6, full_name="Ana Cruz")
    warehouse.meet([met("o1", 3, "paid", "a", occurred_at=at(3), amount=100, currency="EUR")])
    resolve(warehouse, {"a": "a"})
    assert picture(warehouse, 4, "display_name", "orders", "lifetime_value", "record_count") == (None, 1, 100, 0)


def test_who_was_believed_to_be_two_has_two_pictures(warehouse: Warehouse) -> None:
    says(warehouse, "a", 2, full_name="Ana Cruz")
    says(warehouse, "b", 3, full_name="Ana M. Cruz")
    warehouse.meet([met(f"o{n}", 4, "paid", name, occurred_at=at(4), amount=10, currency="EUR") for n, name in enumerate("aab")])
    resolve(warehouse, {"a": "a", "b": "b"})
    resolve(warehouse, {"a": "ab"}, aliases={"b": "a"})
    published_on(warehouse, at(10), at(20))
    before, after = at(15), at(25)
    assert picture(warehouse, 9, "display_name", "orders", "record_count", believed=before) == ("Ana Cruz", 2, 1)
    assert picture(warehouse, 9, "display_name", "orders", "record_count", anchor="b", believed=before) == ("Ana M. Cruz", 1, 1)
    assert picture(warehouse, 9, "orders", "record_count", believed=after) == (3, 2)
    assert picture(warehouse, 9, "orders", anchor="b", believed=after) == ()
    assert picture(warehouse, 9, "orders", believed=at(5)) == (), "nothing was published yet"


def test_what_was_believed_then_is_what_the_history_has(warehouse: Warehouse) -> None:
    says(warehouse, "a", 2, full_name="Ana Cruz", birth_date="1990")
    resolve(warehouse, {"a": "a"})
    says(warehouse, "a", 2, full_name="Ana Cruz", birth_date="1990-05-17", delivered=12)  # told late of the same day
    resolve(warehouse, {"a": "a"})
    published_on(warehouse, at(10), at(20))
    assert picture(warehouse, 15, "birth_date", believed=at(15)) == ("1990",)
    assert picture(warehouse, 15, "birth_date") == ("1990-05-17",)


def test_a_household_and_a_score_found_since_were_not_known_then(warehouse: Warehouse) -> None:
    says(warehouse, "a", 2)
    resolve(warehouse, {"a": "a"})
    says(warehouse, "a", 3, note="more")
    resolve(warehouse, {"a": "a"})
    published_on(warehouse, at(10), at(20))
    warehouse.query(
        "INSERT INTO golden.household_member (customer_id, household_id, worth, since_sequence)"
        " VALUES (:c, :c, 0.9, 2) RETURNING 1", c=customer_id("a"),
    )  # fmt: skip
    warehouse.query(
        "INSERT INTO golden.repeat_registration (customer_id, source, accounts, score, flagged, evidence, since_sequence)"
        " VALUES (:c, 'shop', 2, 0.6, true, '{}', 2) RETURNING 1", c=customer_id("a"),
    )  # fmt: skip
    asked = ("household_members", "repeat_registration_score")
    assert picture(warehouse, 9, *asked, believed=at(15)) == (None, None)
    assert picture(warehouse, 9, *asked, believed=at(25)) == (1, 0.6)


def test_what_cannot_be_known_as_of_then_is_said_of_the_function(warehouse: Warehouse) -> None:
    for name in ("profile_at", "v_profile_at"):
        for given in ("timestamptz", "timestamptz, timestamptz"):
            ((told,),) = warehouse.query(f"SELECT obj_description('golden.{name}({given})'::regprocedure)")
            for unknown in ("household", "repeat registrations", "match_confidence", "declared"):
                assert unknown in told.split("Not known as of then")[1]


def test_an_analyst_may_ask_by_both_clocks(warehouse: Warehouse) -> None:
    says(warehouse, "a", 2)
    resolve(warehouse, {"a": "a"})
    with warehouse.engine("suki_analyst").connect() as connection:
        for asked in ("v_profile_at(now())", "v_profile_at(now(), now())", "v_consent_at(now(), now())"):
            connection.execute(text(f"SELECT * FROM golden.{asked}"))
        assert connection.scalar(text("SELECT count(*) FROM golden.v_profile_at(now(), now())")) == 1
