"""Customers who live together are found by what they share, and neighbours, namesakes and strangers are not."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from include.golden.households import RESIDENT_COLUMNS, Households, Part, find, household_id, within_reach
from include.golden.partition import concerned

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
    shops = [resident(f"{who}", f"{who}given", **held) for who in "abcdefgh"]
    assert groups(households(*shops)) == [], "the shop's own"


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


_SAID = {
    "home": [HOME, ELSEWHERE, ("12", "rizal street", "quezon"), (None, None, None)],
    "phones": [[], ["+63281"], ["+63282"], ["+63281", "+63282"]],
    "email_keys": [[], ["a@example.org"], ["b@example.org"]],
    "family_key": ["reyes", "cruz", "santos", None],
    "unit": ["", "Unit 4B, ", "Unit 5, "],
}


def drawn_record(data: st.DataObject, record: str, who: str) -> dict[str, Any]:
    said = {name: data.draw(st.sampled_from(values)) for name, values in _SAID.items()}
    unit, family = said.pop("unit"), said.pop("family_key")
    row = resident(who, data.draw(st.sampled_from(["ana", "ben", "carla", "dan", "ed"])), family, **said) | {"record_id": record}
    return row | {"address_line": row["address_line"] and unit + row["address_line"]}


def holdings(row: dict[str, Any]) -> set[Any]:
    home = {("home", row["house_number"], row["street_key"], row["city"])} if row["street_key"] else set()
    return home | {*row["phones"], *row["email_keys"]}


@settings(max_examples=60, phases=[Phase.explicit, Phase.generate])
@given(st.data())
def test_whom_a_change_cannot_reach_live_as_they_did(data: st.DataObject):
    """Only whoever is within reach of a change is found anew, and all households are those that looking at everybody finds."""
    people = "abcdefghijklmn"[: data.draw(st.integers(2, 14))]
    before = {f"r{who}{n}": drawn_record(data, f"r{who}{n}", who) for who in people for n in range(data.draw(st.integers(1, 2)))}
    after = dict(before)
    for record in data.draw(st.lists(st.sampled_from(sorted(before)), min_size=1, max_size=3, unique=True)):
        said = drawn_record(data, record, data.draw(st.sampled_from(people)))
        match data.draw(st.sampled_from(["says", "moves", "goes"])):
            case "says":
                after[record] = said | {"customer_id": before[record]["customer_id"]}
            case "moves":
                after[record] = before[record] | {"customer_id": said["customer_id"]}
            case "goes":
                del after[record]
    pairs = st.tuples(st.sampled_from(people), st.sampled_from(people)).filter(lambda pair: pair[0] < pair[1])
    doubts = [data.draw(st.sets(pairs, max_size=3)) for _ in "ba"]
    doubtful = [pd.DataFrame(sorted(some), columns=["customer_a", "customer_b"], dtype=object) for some in doubts]
    doubted = {who for pair in doubts[0] ^ doubts[1] for who in pair}

    stood = households(*before.values(), doubtful=doubtful[0])
    borne = stood.members[stood.members["customer_id"].isin({row["customer_id"] for row in after.values()})]
    whole = households(*after.values(), doubtful=doubtful[1], previous=borne)

    differ = {record for record, row in before.items() if after.get(record) != row or row["customer_id"] in doubted}
    members = [
        pd.DataFrame([(row["record_id"], row["customer_id"]) for row in rows.values()], columns=["record_id", "customer_id"])
        for rows in (before, after)
    ]
    records = concerned(pd.Index(sorted(differ)), *members)
    read: set[str] = set()

    def beside(seeds: set[str]) -> pd.DataFrame:
        held = set().union(*(holdings(rows[one]) for one in seeds for rows in (before, after) if one in rows))
        near = {row["customer_id"] for record, row in after.items() if record in seeds or holdings(row) & held}
        read.update(near)
        rows = [row for row in after.values() if row["customer_id"] in near]
        return pd.DataFrame(rows, columns=list(RESIDENT_COLUMNS))

    def of_customers(customers: frozenset[str]) -> pd.DataFrame:
        return beside({record for record, row in after.items() if row["customer_id"] in customers})

    def fellows(customers: frozenset[str]) -> frozenset[str]:
        homes = stood.members.loc[stood.members["customer_id"].isin(customers), "household_id"]
        return frozenset(borne.loc[borne["household_id"].isin(homes), "customer_id"])

    first = beside(set(records))
    changed = frozenset(first.loc[first["record_id"].isin(records), "customer_id"])
    changed |= {row["customer_id"] for row in before.values()} - {row["customer_id"] for row in after.values()}
    reached = within_reach(changed, first, of_customers, fellows)
    assert reached is not None
    of_customers(reached)
    part = Part(reached, lambda ids: frozenset(borne["household_id"]) & frozenset(ids))
    inside = [row for row in after.values() if row["customer_id"] in read]
    previous = borne[borne["customer_id"].isin(reached)]
    found = households(*inside, doubtful=doubtful[1], previous=previous, part=part)
    gone = reached | (set(people) - {row["customer_id"] for row in after.values()})
    others = stood.members[~stood.members["customer_id"].isin(gone)]
    ties = stood.ties[~stood.ties["customer_a"].isin(gone) & ~stood.ties["customer_b"].isin(gone)]
    for now, kept, all_of_them in ((found.members, others, whole.members), (found.ties, ties, whole.ties)):
        told = [sorted(tuple(map(str, row)) for row in frame.to_numpy()) for frame in (pd.concat([now, kept]), all_of_them)]
        assert told[0] == told[1]


def test_a_change_that_one_tie_after_another_carries_to_many_is_not_followed_to_its_end():
    """Each lived where the next one lives now: whoever changes, all may live with somebody else."""
    street = [
        resident(f"c{n:02}", family=f"name{n}", home=(str(n + home), "rizal street", "makati"), record_id=f"r{n}-{home}")
        for n in range(30)
        for home in (0, 1)
    ]

    def beside(customers: frozenset[str]) -> pd.DataFrame:
        houses = {row["house_number"] for row in street if row["customer_id"] in customers}
        near = {row["customer_id"] for row in street if row["house_number"] in houses}
        return pd.DataFrame([row for row in street if row["customer_id"] in near], columns=list(RESIDENT_COLUMNS))

    def reached(most: float) -> frozenset[str] | None:
        changed = frozenset({"c00"})
        return within_reach(changed, beside(changed), beside, lambda _: frozenset(), most)

    everybody = frozenset(row["customer_id"] for row in street)
    assert reached(30) == everybody
    assert reached(29) is None
