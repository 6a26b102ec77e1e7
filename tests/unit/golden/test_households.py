"""Customers who live together are found by what they share, and neighbours, namesakes and strangers are not."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from include.golden.households import RESIDENT_COLUMNS, Households, find, household_id

DAY_ONE = datetime(2026, 1, 1, tzinfo=UTC)


def resident(customer: str, given_: str | None = None, family: str | None = "reyes", **said: Any) -> dict[str, Any]:
    """One record; its customer, its names, and at will ``home`` (number, street, city) and what else it says."""
    row: dict[str, Any] = dict.fromkeys(RESIDENT_COLUMNS)
    number, street, city = said.pop("home", (None, None, None))
    row |= {"customer_id": customer, "record_id": f"r-{customer}", "region": "asia", "phones": [], "email_keys": []}
    row |= {"given_key": given_ or customer, "family_key": family, "house_number": number, "street_key": street, "city": city}
    row |= {"address_line": number and f"{street} {number}", "first_source_time": DAY_ONE + timedelta(days=ord(customer[0]) - 97)}
    assert set(said) <= set(row)
    return row | said


HOME = ("12", "rizal street", "makati")
ELSEWHERE = ("7", "mabini street", "makati")


def households(*residents: dict[str, Any], **more: Any) -> Households:
    return find(pd.DataFrame(list(residents), columns=list(RESIDENT_COLUMNS)), **more)


def groups(found: Households) -> list[str]:
    """The members of each household, written together."""
    return sorted("".join(sorted(members)) for _, members in found.members.groupby("household_id")["customer_id"])


def test_a_family_at_one_address_is_a_household_and_says_why():
    found = households(resident("a", "ana", home=HOME), resident("b", "ben", home=HOME), resident("c", "carl", home=ELSEWHERE))
    assert groups(found) == ["ab"]
    (tie,) = found.ties.to_dict("records")
    assert (tie["customer_a"], tie["customer_b"], tie["worth"]) == ("a", "b", 0.95)
    assert tie["evidence"] == ["home", "family_name", "few_names"]


def test_a_couple_of_two_names_alone_at_a_number_lives_together():
    assert groups(households(resident("a", "ana", "cruz", home=HOME), resident("b", "ben", home=HOME))) == ["ab"]


def test_neighbours_in_a_block_of_flats_do_not():
    names = ["cruz", "reyes", "santos", "garcia", "ramos", "lim"]
    few = [resident(who, f"{who}name", name, home=HOME) for who, name in zip("abcdef", names, strict=True)]
    assert groups(households(*few)) == []
    many = [resident(f"{who}{i}", f"{who}given", "kim", home=HOME) for i, who in enumerate("abcdefghijkl")]
    assert groups(households(*many)) == [], "twelve of one common name behind one number"


def test_a_unit_tells_flats_of_one_number_apart_and_together():
    def at(unit: str) -> dict[str, Any]:
        return {"home": HOME, "address_line": f"Unit {unit}, 12 Rizal Street"}

    assert groups(households(resident("a", "ana", **at("4B")), resident("b", "ben", **at("5A")))) == []
    behind = [resident(who, f"{who}name", f"family{who}", **at(f"{i // 2}C")) for i, who in enumerate("abcdefghijkl")]
    assert groups(households(*behind)) == ["ab", "cd", "ef", "gh", "ij", "kl"]


@pytest.mark.parametrize("held", [{"phones": ["+6328123456"]}, {"email_keys": ["reyes.family@example.org"]}])
def test_a_shared_phone_or_mailbox_needs_a_name_and_no_other_home(held: dict[str, Any]):
    assert groups(households(resident("a", "ana", **held), resident("b", "ben", **held))) == ["ab"]
    assert groups(households(resident("a", "ana", "cruz", **held), resident("b", "ben", **held))) == [], "a recycled number"
    apart = households(resident("a", "ana", home=HOME, **held), resident("b", "ben", home=ELSEWHERE, **held))
    assert groups(apart) == [], "they live at two places"
    names = ["ana", "ben", "carla", "diego", "elena", "fidel", "hugo"]
    seven = [resident(who, name, **held) for who, name in zip("abcdefg", names, strict=True)]
    assert groups(households(*seven[:6])) == ["abcdef"]
    assert groups(households(*seven)) == [], "the shop's own"


def test_who_may_be_one_person_is_no_couple():
    assert groups(households(resident("a", "ana", home=HOME), resident("b", "anna maria", home=HOME))) == []
    assert groups(households(resident("a", "a", home=HOME), resident("b", "ana", home=HOME))) == [], "an initial"
    both = (resident("a", "roberto", home=HOME), resident("b", "bob", home=HOME))
    waiting = pd.DataFrame({"customer_a": ["a"], "customer_b": ["b"]})
    assert groups(households(*both)) == ["ab"]
    assert groups(households(*both, doubtful=waiting)) == [], "a steward is to say whether they are one"


def test_namesakes_of_two_generations_live_together():
    father, son = (
        resident("a", "jose", home=HOME, birth_date="1950-01-01"),
        resident("b", "jose", home=HOME, birth_date="1980-02-02"),
    )
    assert groups(households(father, son)) == ["ab"]
    senior, junior = resident("a", "jose", home=HOME, name_suffix="Sr"), resident("b", "jose", home=HOME, name_suffix="Jr")
    assert groups(households(senior, junior)) == ["ab"]


def test_one_family_name_has_more_than_one_form():
    for one, other in (("kowalski", "kowalska"), ("garcia lopez", "garcia"), ("papadopoulos", "papadopoulou")):
        found = households(resident("a", "ana", one, home=HOME), resident("b", "ben", other, home=HOME))
        assert "family_name" in found.ties["evidence"].iloc[0]


def test_who_moved_in_with_another_does_not_bring_the_parents_along():
    parent = resident("a", "ana", home=HOME)
    before, after = resident("b", "ben", home=HOME), {**resident("b", "ben", home=ELSEWHERE), "record_id": "r-b2"}
    partner = resident("c", "carla", "cruz", home=ELSEWHERE)
    assert groups(households(parent, before, after, partner)) == ["ab"], "the stronger tie, and one household each"


def test_records_of_regions_that_may_not_be_compared_make_no_household():
    both = (resident("a", "ana", home=HOME), resident("b", "ben", home=HOME, region="europe"))
    assert groups(households(*both, comparable=frozenset({("asia", "asia"), ("europe", "europe")}))) == []


def test_the_id_is_minted_of_the_earliest_member_and_stays_with_most_of_them():
    names = {"a": "ana", "b": "ben", "c": "carla", "d": "diego", "e": "elena"}
    family = [resident(who, names[who], home=HOME) for who in "bcd"]
    first = households(*family)
    assert set(first.members["household_id"]) == {household_id("b")}
    older = households(resident("a", names["a"], home=HOME), *family, previous=first.members)
    assert set(older.members["household_id"]) == {household_id("b")}, "an older member changes no id"
    left = households(resident("b", names["b"], home=ELSEWHERE), *family[1:], previous=first.members)
    assert dict(zip(left.members["customer_id"], left.members["household_id"], strict=True)) == dict.fromkeys(
        "cd", household_id("b")
    )
    again = households(
        resident("b", names["b"], home=ELSEWHERE), resident("e", names["e"], home=ELSEWHERE), *family[1:], previous=first.members
    )
    held = dict(zip(again.members["customer_id"], again.members["household_id"], strict=True))
    assert held["b"] == held["e"] != held["c"] == household_id("b"), "who left takes no id that stands"


def test_nobody_is_no_household():
    found = households()
    assert found.members.empty
    assert found.ties.empty
    assert list(found.members.columns) == ["customer_id", "household_id", "worth"]


@settings(max_examples=30, phases=[Phase.explicit, Phase.generate])
@given(st.data())
def test_households_part_the_customers_whatever_the_order_of_records(data: st.DataObject):
    people = [
        resident(who, data.draw(st.sampled_from(["ana", "ben", "carla", "dan"])), data.draw(st.sampled_from(["reyes", "cruz"])),
                 home=data.draw(st.sampled_from([HOME, ELSEWHERE, (None, None, None)])),
                 phones=data.draw(st.sampled_from([[], ["+63281"], ["+63282"]])))
        for who in "abcdefgh"[: data.draw(st.integers(2, 8))]
    ]  # fmt: skip
    found, other = households(*people), households(*data.draw(st.permutations(people)))
    pd.testing.assert_frame_equal(found.members, other.members)
    pd.testing.assert_frame_equal(found.ties, other.ties)
    assert found.members["customer_id"].is_unique
    assert all(size > 1 for size in found.members["household_id"].value_counts())
    home = dict(zip(found.members["customer_id"], found.members["household_id"], strict=True))
    pairs = list(zip(found.ties["customer_a"], found.ties["customer_b"], strict=True))
    assert all(home[a] == home[b] and a < b for a, b in pairs)
    assert set(itertools.chain(*pairs)) == set(home)
    kept = households(*people, previous=found.members)
    pd.testing.assert_frame_equal(kept.members, found.members)
