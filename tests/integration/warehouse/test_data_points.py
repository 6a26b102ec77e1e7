"""Every data point of the profile has the value that a small world made by hand says it has; nothing else is in the profile."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from include.warehouse.publish import publish
from tests.integration.warehouse.conftest import Warehouse, at, met, said
from tests.integration.warehouse.publications import customer_id, publication

pytestmark = pytest.mark.integration

HOUSE = "11111111-1111-1111-1111-111111111111"

# Ana, at the tenth of August 2026: two records of two sources, an order returned, and one of money without a rate.
ANA: dict[str, Any] = {
    "customer_id": customer_id("a"),
    "display_name": "アナ・クルス",
    "romanised_name": "Ana Cruz",
    "language": "ja",
    "birth_date": "1990-08-11",
    "birth_date_precision": "day",
    "age_band": "35-44",
    "primary_email": "ana@example.org",
    "email_state": "verified",
    "emails": [("ana@example.org", "verified"), ("old@example.org", "bounced")],
    "primary_phone": "+81312345678",
    "phone_state": "stated",
    "phones": [("+81312345678", "stated")],
    "address": "1-2 Ginza, 104-0061, Tokyo",
    "address_state": "bounced",
    "addresses": [("1-2 Ginza, 104-0061, Tokyo", "bounced")],
    "country": "JP",
    "home_store": "TYO01",
    "customer_since": at(-30),
    "last_seen_at": at(7),
    "last_channel": "store",
    "lapsed": False,
    "orders": 3,
    "lifetime_value": 280.0,
    "reporting_currency": "EUR",
    "other_amounts": {"XAU": 5},
    "average_basket": 150.0,
    "last_order_at": at(7),
    "recency_band": 5,
    "frequency_band": 5,
    "monetary_band": 5,
    "return_share": 0.25,
    "support_tickets": 2,
    "open_tickets": 1,
    "last_topic": "A chair",
    "social_handles": ["x:ana"],
    "loyalty_cards": ["4000123456"],
    "loyalty_tier": "silver",
    "email_consent": True,
    "email_consent_state": "granted",
    "email_consent_at": at(1),
    "sms_consent": False,
    "sms_consent_state": "refused",
    "sms_consent_at": at(2),
    "phone_consent": None,
    "phone_consent_state": None,
    "phone_consent_at": None,
    "post_consent": None,
    "post_consent_state": "expired",
    "post_consent_at": at(-1200),
    "profiling_consent": True,
    "profiling_consent_state": "granted",
    "profiling_consent_at": None,
    "household_id": HOUSE,
    "household_members": 2,
    "repeat_registration_score": 0.6,
    "sources": ["shop", "till"],
    "record_count": 2,
    "match_confidence": 0.998,
    "completeness": round(1 - 2 / 33, 3),
    "missing": ["phone_consent", "post_consent"],
    "next_question": "May we call you with offers?",
    "days_since_evidence": 3,
}
"""What the profile says of her, column by column."""

NOBODY: dict[str, Any] = {
    "display_name": "Ben", "romanised_name": "Ben", "language": None, "birth_date": "--05-17",
    "birth_date_precision": "without year", "age_band": None,
    "primary_email": "ben@example.org", "email_state": "stated", "emails": [("ben@example.org", "stated")],
    "primary_phone": None, "phone_state": None, "phones": [], "address": None, "address_state": None, "addresses": [],
    "country": None, "home_store": None, "last_channel": None, "lapsed": False, "orders": 0, "lifetime_value": None,
    "other_amounts": {}, "average_basket": None, "last_order_at": None, "recency_band": None, "frequency_band": None,
    "monetary_band": None, "return_share": None, "support_tickets": 0, "open_tickets": 0, "last_topic": None,
    "social_handles": [], "loyalty_cards": [], "loyalty_tier": None, "household_members": 2, "repeat_registration_score": None,
    "record_count": 1, "match_confidence": None, "customer_since": None, "last_seen_at": at(1), "days_since_evidence": 9,
    "next_question": "Under which number can we reach you?",
}  # fmt: skip
"""What it says of one of whom next to nothing is known."""

DAY = 10


def _world(shop: Warehouse) -> dict[str, dict[str, Any]]:
    home = {
        "address_line": "1-2 Ginza",
        "postcode": "104-0061",
        "city": "Tokyo",
        "country": "JP",
        "house_number": "1-2",
        "street_key": "ginza",
    }
    keys = {"given_key": "ana", "family_key": "cruz"}
    till = replace(shop, source="till")
    shop.stage(
        [said("a", 1, "アナ・クルス", emails=["ana@example.org", "old@example.org"], first_seen_at=at(-30), **home, **keys),
         said("b", 1, "Ben", emails=["ben@example.org"])],
        shop.land(1, ["a", "b"]).manifest_id,
    )  # fmt: skip
    till.stage(
        [said("c", 2, "Ana Cruz", emails=["ana@example.org"], phones=["+81312345678"], **keys)], till.land(2, ["c"]).manifest_id
    )
    till.close()
    bought: dict[str, Any] = {"interaction_type": "receipt", "currency": "EUR", "store": "TYO01", "channel": "store"}
    shop.meet([
        met("o1", 3, "paid", "a", occurred_at=at(3), amount=200, **bought),
        met("o2", 4, "paid", "a", occurred_at=at(4), amount=5, **{**bought, "currency": "XAU", "store": "BER01"}),
        met("o3", 5, "refunded", "a", occurred_at=at(5), amount=-20, **bought),
        met("o4", 7, "paid", "c", occurred_at=at(7), amount=100, **bought),
        met("t1", 5, "open", "a", occurred_at=at(5), interaction_type="ticket", channel="email", subject="A chair"),
        met("t2", 4, "solved", "c", occurred_at=at(4), interaction_type="ticket", channel="email", subject="A table"),
        met("b1", 8, "", "a", occurred_at=at(8), interaction_type="bounce", channel="email", emails=["old@example.org"]),
        met("b2", 9, "", "a", occurred_at=at(9), interaction_type="bounce", channel="post"),
    ])  # fmt: skip
    given = publication(shop.resolver, {"a": "ac", "b": "b"})
    ana = {
        "full_name": "アナ・クルス", "language": "ja", "birth_date": "1990-08-11",
        "emails": ["ana@example.org", "old@example.org"],
        "phones": ["+81312345678"], "address_line": "1-2 Ginza", "postcode": "104-0061", "city": "Tokyo", "country": "JP",
        "handles": ["x:ana"], "loyalty_ids": ["4000123456"], "email_consent": True, "email_consent_at": at(1),
        "sms_consent": False, "sms_consent_at": at(2), "post_consent": True, "post_consent_at": at(-1200),
        "profiling_consent": True, "sources": ["shop", "till"],
    }  # fmt: skip
    ben = {"full_name": "Ben", "birth_date": "--05-17", "emails": ["ben@example.org"]}
    rows = [{**row, **more} for row, more in zip(given.customers.to_dict("records"), (ana, ben), strict=True)]
    given.proofs["fields"] = [
        '{"full_name":["t",1,2,[1]],"profiling_consent":["most_restrictive",1,1,[1]]}',
        '{"full_name":["t",1,1,[1]]}',
    ]
    frame = given.customers.__class__(rows, columns=given.customers.columns).astype(object)
    publish(shop.resolver, replace(given, customers=frame.where(frame.notna(), None)))
    for anchor in "ab":
        shop.query(
            "INSERT INTO golden.household_member (customer_id, household_id, worth, since_sequence) VALUES (:c, :h, 0.9, 1)"
            " RETURNING 1", c=customer_id(anchor), h=HOUSE,
        )  # fmt: skip
    shop.query(
        "INSERT INTO golden.repeat_registration (customer_id, source, accounts, score, flagged, evidence, since_sequence)"
        " VALUES (:c, 'shop', 2, 0.6, true, '{}', 1) RETURNING 1", c=customer_id("a"),
    )  # fmt: skip
    rows = shop.owner.execute(text("SELECT * FROM golden.profile_at(:m)"), {"m": at(DAY)}).mappings().all()
    return {str(row["customer_id"]): dict(row) for row in rows}


def plain(value: Any) -> Any:
    """As the tables above write it."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [(one["value"], one["state"]) for one in value]
    return float(value) if type(value).__name__ == "Decimal" else str(value) if type(value).__name__ == "UUID" else value


@pytest.fixture
def pictures(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    return _world(warehouse)


def test_every_data_point_of_the_profile_has_its_value(pictures: dict[str, dict[str, Any]]) -> None:
    ana = {name: plain(value) for name, value in pictures[customer_id("a")].items()}
    assert set(ana) == set(ANA), "a point that is new is not tested here yet"
    assert {name: value for name, value in ana.items() if value != ANA[name]} == {}


def test_of_whom_next_to_nothing_is_known_every_data_point_says_so(pictures: dict[str, dict[str, Any]]) -> None:
    ben = {name: plain(value) for name, value in pictures[customer_id("b")].items()}
    assert {name: ben[name] for name in NOBODY if ben[name] != NOBODY[name]} == {}
