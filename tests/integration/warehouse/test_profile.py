"""The whole picture of a customer: what it adds up, what it leaves apart, and that it moves with the moment asked for."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from include.customer import CONSENTS
from include.warehouse.engine import connect
from include.warehouse.profile import POINTS, Consent, load
from include.warehouse.publish import publish
from tests.docs.pages import ROOT
from tests.integration.warehouse.conftest import Warehouse, at, met, said
from tests.integration.warehouse.publications import customer_id, publication

pytestmark = pytest.mark.integration

WHO = {"a": "ab", "c": "c"}


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    landed = warehouse.land(1, list("abc"))
    rows = [said(name, 1, name.upper(), emails=[f"{name}@example.org"], given_key="ay", family_key="bee") for name in "abc"]
    warehouse.stage(rows, landed.manifest_id)
    bought: dict[str, Any] = {"interaction_type": "receipt", "currency": "EUR", "store": "BER01", "channel": "store"}
    warehouse.meet([
        met("o1", 2, "paid", "a", occurred_at=at(2), amount=100, **bought),
        met("o2", 3, "paid", "b", occurred_at=at(3), amount=50, **{**bought, "currency": "USD", "store": "NYC01"}),
        met("o3", 4, "refunded", "a", occurred_at=at(4), amount=-30, **bought),
        met("o4", 5, "paid", "a", occurred_at=at(5), amount=700, **{**bought, "currency": "XAU"}),
        met("t1", 6, "open", "b", occurred_at=at(6), interaction_type="ticket", channel="email", subject="A chair"),
        met("t2", 5, "solved", "b", occurred_at=at(5), interaction_type="ticket", channel="email", subject="A table"),
    ])  # fmt: skip
    publish(warehouse.resolver, publication(warehouse.resolver, WHO))
    return warehouse


def picture(shop: Warehouse, anchor: str, day: float, *columns: str) -> tuple[Any, ...]:
    return shop.query(
        f"SELECT {', '.join(columns)} FROM golden.profile_at(:moment) WHERE customer_id = :id",
        moment=at(day), id=customer_id(anchor),
    )[0]  # fmt: skip


def test_what_was_bought_by_any_record_of_a_customer_adds_up_in_one_currency(shop: Warehouse) -> None:
    orders, value, currency, basket = picture(shop, "a", 9, "orders", "lifetime_value", "reporting_currency", "average_basket")
    assert (orders, float(value), currency) == (3, 100 + 50 * 0.92 - 30, "EUR")
    assert float(basket) == 73


def test_an_amount_without_a_rate_stays_visible_in_its_own_currency(shop: Warehouse) -> None:
    assert picture(shop, "a", 9, "other_amounts") == ({"XAU": 700},)


def test_a_return_is_counted_and_is_no_order(shop: Warehouse) -> None:
    assert float(picture(shop, "a", 9, "return_share")[0]) == 0.25


def test_nothing_after_the_moment_counts(shop: Warehouse) -> None:
    orders, value, tickets = picture(shop, "a", 2.5, "orders", "lifetime_value", "support_tickets")
    assert (orders, float(value), tickets) == (1, 100, 0)


def test_support_is_counted_with_what_is_open_and_what_it_was_about(shop: Warehouse) -> None:
    assert picture(shop, "a", 9, "support_tickets", "open_tickets", "last_topic") == (2, 1, "A chair")


def test_an_address_goes_stale_with_time_and_not_before(shop: Warehouse) -> None:
    assert picture(shop, "a", 9, "email_state") == ("stated",)
    assert picture(shop, "a", 9 + 730, "email_state", "lapsed") == ("stale", True)


def test_mail_that_came_back_marks_the_address(shop: Warehouse) -> None:
    shop.meet([met("b1", 7, "", "a", occurred_at=at(7), interaction_type="bounce", emails=["a@example.org"])])
    assert picture(shop, "a", 9, "email_state") == ("bounced",)
    assert picture(shop, "a", 6.5, "email_state") == ("stated",), "it had not come back then"


def test_the_next_question_is_the_most_important_thing_missing(shop: Warehouse) -> None:
    missing, question, completeness = picture(shop, "c", 9, "missing", "next_question", "completeness")
    assert missing[0] == "phone"
    assert question == "Under which number can we reach you?"
    assert set(missing) == set(POINTS) - {"name", "email"}
    assert float(completeness) == round(10 / 33, 3)


def test_a_customer_of_several_records_says_how_sure_that_is(shop: Warehouse) -> None:
    assert picture(shop, "a", 9, "match_confidence") == (0.998,)
    assert picture(shop, "c", 9, "match_confidence") == (None,)


def test_the_name_stands_in_latin_letters_too(shop: Warehouse) -> None:
    assert picture(shop, "a", 9, "display_name", "romanised_name") == ("a", "Ay Bee")


def test_homes_are_told_with_their_state_however_they_are_spelt(warehouse: Warehouse) -> None:
    home = {"house_number": "12", "street_key": "rizal street", "city": "Makati"}
    till = replace(warehouse, source="till")
    for source, name, line in ((warehouse, "a", "12 Rizal St"), (till, "b", "12 Rizal Street")):
        source.stage([said(name, 1, name, address_line=line, **home)], source.land(1, [name]).manifest_id)
    till.close()
    given = publication(warehouse.resolver, {"a": "ab"})
    given.customers["address_line"] = "12 Rizal St"
    publish(warehouse.resolver, given)
    ((state, homes),) = warehouse.query("SELECT address_state, addresses FROM golden.profile_at(:moment)", moment=at(9))
    assert (state, len(homes)) == ("verified", 1), "two sources have it, each in its spelling"
    assert homes[0]["value"] == "12 Rizal St"


def test_an_address_that_mail_came_back_from_is_not_mended_by_a_source_that_repeats_it(shop: Warehouse) -> None:
    shop.meet([met("b1", 7, "", "a", occurred_at=at(7), interaction_type="bounce", emails=["a@example.org"])])
    rows = [
        said("a", 1, "A", emails=["a@example.org"], given_key="ay", family_key="bee", delivered=8) | {"source_updated_at": at(8)}
    ]
    shop.stage(rows, shop.land(8, ["a"]).manifest_id)
    assert picture(shop, "a", 9, "email_state") == ("bounced",)
    shop.meet([met("o9", 9, "paid", "a", occurred_at=at(9), emails=["a@example.org"])])
    assert picture(shop, "a", 10, "email_state") == ("stated",), "an order's confirmation went there"


HOME = {"address_line": "12 Rizal St", "house_number": "12", "street_key": "rizal street", "city": "Makati"}


def housed(warehouse: Warehouse, **others: dict[str, Any]) -> None:
    """One customer: a lives at home, and whoever else is named where they say."""
    names = ["a", *others]
    warehouse.stage(
        [said("a", 1, "A", **HOME), *(said(name, 1, "A", **home) for name, home in others.items())],
        warehouse.land(1, names).manifest_id,
    )
    given = publication(warehouse.resolver, {"a": names})
    given.customers[["address_line", "city"]] = [HOME["address_line"], HOME["city"]]
    publish(warehouse.resolver, given)


def came_back(warehouse: Warehouse, whose: str, day: int) -> None:
    warehouse.meet([met(f"b{day}", day, "", whose, occurred_at=at(day), interaction_type="bounce", channel="post")])


def homes(warehouse: Warehouse, day: float) -> tuple[str, dict[str, str]]:
    ((state, listed),) = warehouse.query("SELECT address_state, addresses FROM golden.profile_at(:m)", m=at(day))
    return state, {one["value"]: one["state"] for one in listed}


def test_post_that_came_back_marks_the_home_it_went_to(warehouse: Warehouse) -> None:
    housed(warehouse, b={"address_line": "9 Other Road", "city": "Cebu"})
    came_back(warehouse, "a", 7)
    assert homes(warehouse, 9) == ("bounced", {"12 Rizal St, Makati": "bounced", "9 Other Road, Cebu": "stated"})
    assert homes(warehouse, 6) == ("stated", {"12 Rizal St, Makati": "stated", "9 Other Road, Cebu": "stated"})


def test_post_that_came_back_to_whose_record_has_no_home_marks_the_one_believed(warehouse: Warehouse) -> None:
    housed(warehouse, b={"address_line": "9 Other Road", "city": "Cebu"}, c={})
    came_back(warehouse, "c", 7)
    assert homes(warehouse, 9) == ("bounced", {"12 Rizal St, Makati": "bounced", "9 Other Road, Cebu": "stated"})


def test_a_home_that_is_told_again_after_post_came_back_is_one_again(warehouse: Warehouse) -> None:
    housed(warehouse)
    came_back(warehouse, "a", 7)
    warehouse.stage([said("a", 8, "A", **HOME, note="they do live there")], warehouse.land(8, ["a"]).manifest_id)
    assert homes(warehouse, 9)[0] == "stated"
    assert homes(warehouse, 7.5)[0] == "bounced"


def test_mail_that_came_back_leaves_the_home_as_it_was(warehouse: Warehouse) -> None:
    housed(warehouse)
    warehouse.meet(
        [met("b1", 7, "", "a", occurred_at=at(7), interaction_type="bounce", channel="email", emails=["a@example.org"])]
    )
    assert homes(warehouse, 9)[0] == "stated"


def test_what_came_back_unread_is_no_sign_of_the_customer_and_no_ticket(shop: Warehouse) -> None:
    asked = ("last_seen_at", "last_channel", "days_since_evidence", "support_tickets")
    before = picture(shop, "a", 20, *asked)
    shop.meet([met("b1", 15, "", "a", occurred_at=at(15), interaction_type="bounce", channel="post")])
    assert picture(shop, "a", 20, *asked) == before


def consented(warehouse: Warehouse, proven: str = "email_consent", **answer: Any) -> None:
    landed = warehouse.land(1, ["a"])
    warehouse.stage([said("a", 2, "A", **answer)], landed.manifest_id)
    given = publication(warehouse.resolver, {"a": "a"})
    given.customers[list(answer)] = list(answer.values())
    given.proofs["fields"] = [f'{{"{proven}":["most_restrictive",1,1,[1]]}}']
    publish(warehouse.resolver, given)


def consent_at(warehouse: Warehouse, day: float) -> tuple[Any, ...]:
    (told,) = warehouse.query(
        "SELECT purpose, channel, state, undated, source, proof IS NOT NULL FROM golden.v_consent_at(:moment)", moment=at(day)
    )
    (shown,) = warehouse.query("SELECT email_consent, email_consent_state FROM golden.profile_at(:moment)", moment=at(day))
    return (*told, *shown)


def test_a_permission_expires_by_the_period_of_its_purpose_and_a_refusal_does_not(warehouse: Warehouse) -> None:
    consented(warehouse, email_consent=True, email_consent_at=at(1))
    assert consent_at(warehouse, 1095) == ("marketing", "email", "granted", False, "shop", True, True, "granted")
    assert consent_at(warehouse, 1097)[2::4] == ("expired", None), "an expired consent is none"
    assert warehouse.query("SELECT 'email_consent' = ANY (missing) FROM golden.profile_at(:m)", m=at(1097)) == [(True,)]


@pytest.mark.parametrize(("answer", "consent"), load().consents.items())
def test_every_answer_is_told_by_purpose_and_channel_with_date_source_and_proof_and_expires(
    warehouse: Warehouse, answer: str, consent: Consent
) -> None:
    consented(warehouse, answer, **{answer: True, f"{answer}_at": at(1)})
    told = "purpose, channel, state, answered_at, source, proof IS NOT NULL"
    assert warehouse.query(f"SELECT {told} FROM golden.v_consent_at(:m)", m=at(9)) == [
        (consent.purpose, consent.channel, "granted", at(1), "shop", True)
    ]
    shown = f"SELECT {answer}, {answer}_state, {answer}_at, '{answer}' = ANY (missing) FROM golden.profile_at(:m)"
    assert warehouse.query(shown, m=at(9)) == [(True, "granted", at(1), False)]
    assert warehouse.query(shown, m=at(1097)) == [(None, "expired", at(1), True)], "it is no consent, and is asked for again"


@pytest.mark.parametrize("answer", CONSENTS)
def test_an_answer_without_a_date_is_shown_as_undated_and_expires_by_when_it_was_told(warehouse: Warehouse, answer: str) -> None:
    consented(warehouse, answer, **{answer: True})
    told = "SELECT undated, state FROM golden.v_consent_at(:m)"
    shown = f"SELECT {answer}_state FROM golden.profile_at(:m)"
    assert (warehouse.query(told, m=at(1095)), warehouse.query(shown, m=at(1095))) == ([(True, "granted")], [("granted",)])
    assert (warehouse.query(told, m=at(1098)), warehouse.query(shown, m=at(1098))) == ([(True, "expired")], [("expired",)])


def test_a_refusal_holds_for_good(warehouse: Warehouse) -> None:
    consented(warehouse, email_consent=False, email_consent_at=at(1))
    assert consent_at(warehouse, 9000)[2] == "refused"


def test_a_consent_without_a_date_is_flagged_and_counts_from_when_it_was_told(warehouse: Warehouse) -> None:
    consented(warehouse, email_consent=True)
    assert consent_at(warehouse, 1095)[2:4] == ("granted", True)
    assert consent_at(warehouse, 1098)[2:4] == ("expired", True)


def test_who_has_a_card_has_the_tier_of_what_they_spent_of_late(shop: Warehouse) -> None:
    shop.query("UPDATE golden.customer SET loyalty_ids = '{1234}' WHERE customer_id = :id RETURNING 1", id=customer_id("a"))
    assert picture(shop, "a", 9, "loyalty_tier") == ("bronze",)
    shop.meet([met("o9", 7, "paid", "a", occurred_at=at(7), amount=900, interaction_type="order", currency="EUR")])
    assert picture(shop, "a", 9, "loyalty_tier") == ("gold",)
    assert picture(shop, "a", 9 + 365, "loyalty_tier") == ("bronze",), "that was last year"
    assert picture(shop, "c", 9, "loyalty_tier") == (None,), "no card, no tier"


def test_who_lives_together_and_who_registered_again_is_in_the_picture(shop: Warehouse) -> None:
    house = "11111111-1111-1111-1111-111111111111"
    for anchor in "ac":
        shop.query(
            "INSERT INTO golden.household_member (customer_id, household_id, worth, since_sequence) VALUES (:c, :h, 0.9, 1)"
            " RETURNING 1", c=customer_id(anchor), h=house,
        )  # fmt: skip
    shop.query(
        "INSERT INTO golden.repeat_registration (customer_id, source, accounts, score, flagged, evidence, since_sequence)"
        " VALUES (:c, 'shop', 2, 0.6, true, '{}', 1) RETURNING 1", c=customer_id("a"),
    )  # fmt: skip
    asked = ("household_id::text", "household_members", "repeat_registration_score")
    assert picture(shop, "a", 9, *asked) == (house, 2, 0.6)
    assert picture(shop, "c", 9, *asked) == (house, 2, None)


def test_everybody_is_there_once(shop: Warehouse) -> None:
    assert shop.query("SELECT count(*), count(DISTINCT customer_id) FROM golden.profile_at(now())") == [(2, 2)]


def test_the_view_of_now_and_the_picture_of_this_moment_are_one(shop: Warehouse) -> None:
    before = shop.query("SELECT * FROM golden.v_profile_at(now()) ORDER BY customer_id")
    shown = shop.query("SELECT * FROM golden.v_profile ORDER BY customer_id")
    assert len(shown) == 2
    assert shown == before


def scans(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Every node of a plan that reads a table or an index."""
    below = [found for child in node.get("Plans", []) for found in scans(child)]
    return [node, *below] if {"Relation Name", "Index Name"} & node.keys() else below


def test_one_customer_is_looked_up_by_indexes_and_nobody_else_is_reckoned(shop: Warehouse) -> None:
    columns = shop.query("SELECT attname::text FROM pg_attribute WHERE attrelid = 'golden.v_profile'::regclass AND attnum > 0")
    compared = {"recency_band", "frequency_band", "monetary_band"}  # with everybody else
    told = ", ".join(name for (name,) in columns if name not in compared)
    shop.query("SELECT set_config('enable_seqscan', 'off', false)")  # what needs no index for three rows takes one where it can
    ((plan,),) = shop.query(
        f"EXPLAIN (FORMAT JSON) SELECT {told} FROM golden.v_profile WHERE customer_id = :id", id=customer_id("a")
    )
    found = [node for node in scans(plan[0]["Plan"]) if node.get("Relation Name") != "declared"]
    read = {node.get("Relation Name") for node in found}
    assert {"customer", "crosswalk", "record_version", "interaction", "edge", "proof"} <= read
    assert [node for node in found if node["Node Type"] != "Bitmap Heap Scan" and "Index Cond" not in node] == []


def test_analysts_see_every_column_with_its_meaning_and_no_date_of_birth(shop: Warehouse) -> None:
    described = shop.query(
        "SELECT attname::text, col_description(attrelid, attnum) FROM pg_attribute"
        " WHERE attrelid = 'golden.v_profile'::regclass AND attnum > 0"
    )
    assert len(described) >= 50
    assert [name for name, meaning in described if not meaning] == []
    assert {name for name, _ in described}.isdisjoint({"birth_date", "last_topic", "gender"})
    with connect(shop.url, "suki_analyst").connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM golden.v_profile")).scalar() == 2


def test_the_page_tells_every_column_as_the_database_does(shared_warehouse: Warehouse) -> None:
    described = shared_warehouse.query(
        "SELECT attname::text, col_description(attrelid, attnum) FROM pg_attribute"
        " WHERE attrelid = 'golden.v_profile'::regclass AND attnum > 0 ORDER BY attnum"
    )
    page = (ROOT / "docs" / "profile.md").read_text(encoding="utf-8")
    table = [line for line in page.splitlines() if line.startswith("| `")]
    assert table == [f"| `{name}` | {meaning} |" for name, meaning in described]
